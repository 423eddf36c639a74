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
        if (!SnapshotReader.TryRead(snapshotPath, out var header, Restore, out var reason) && File.Exists(snapshotPath))
        {
            logger.SnapshotRefused(reason);
        }

        var batches = ReplayJournal(header?.JournalPosition ?? 0);
        foreach (var state in store.OpenAlerts().Concat(store.LastEnded(DateTimeOffset.MinValue)))
        {
            rules.Conditions.Adopt(AlertJson.Read(state.State));
        }

        logger.Restored(windower.Sensors, batches);
    }

    private void Restore(string name, byte[] section)
    {
        if (name == IngestState.Section)
        {
            IngestState.Restore(section, registry, clock);
        }
        else if (name == AlertsSnapshot.Section)
        {
            AlertsSnapshot.Restore(rules, section);
        }
        else if (!WindowsSnapshot.TryRestore(windower, name, section, registry))
        {
            logger.SnapshotRefused($"the section {name} is unknown");
        }
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
