using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Ingest;
using EdgeGateway.Storage;
using EdgeGateway.Windows;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Stages;

/// <summary>
/// Brings the stages back to where an earlier run was: the snapshot first, then the journal behind it through the very same stages, then the alert states on disk, which
/// win where they know more. Runs before the first message is taken.
/// </summary>
internal sealed class Recovery(
    SensorRegistry registry, ClockState clock, Windower windower, AlertRules rules, StageChain chain, Outbox outbox, GatewayStore store, ReadingJournal? journal,
    string snapshotPath, ILogger<Recovery> logger)
{
    /// <summary>Restores everything that is on disk.</summary>
    public void Run()
    {
        var position = 0L;
        if (Snapshot.TryRead(snapshotPath, out var snapshot, out var reason))
        {
            position = snapshot.JournalPosition;
            IngestState.Restore(snapshot, registry, clock);
            WindowsSnapshot.Restore(windower, snapshot, registry);
            AlertsSnapshot.Restore(rules, snapshot);
        }
        else if (reason is not null)
        {
            logger.SnapshotRefused(reason);
        }

        var batches = ReplayJournal(position);
        foreach (var state in store.NewestAlerts())
        {
            rules.Conditions.Adopt(AlertJson.Read(state.State));
        }

        logger.Restored(windower.Sensors, batches);
    }

    private int ReplayJournal(long position)
    {
        var (batches, transitions) = (0, new List<Alert>());
        foreach (var (_, batch) in journal?.ReadAfter(position) ?? [])
        {
            JournalBatch.Read(batch, registry, message => chain.Add(message, transitions));
            outbox.Commit(transitions);
            transitions.Clear();
            batches++;
        }

        return batches;
    }
}
