using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using EdgeGateway.Windows;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Stages;

/// <summary>
/// Brings the stages back to where an earlier run was: the snapshot first, then the journal behind it through the very same stages, then the alert states on disk, which
/// win where they know more. Runs before the first message is taken.
/// </summary>
internal sealed class Recovery(
    SensorRegistry registry, IngestState ingest, Windower windower, AlertRules rules, StageChain chain, Outbox outbox, GatewayStore store, ReadingJournal? journal,
    Partition partition, string snapshotPath, TimeProvider clock, ILogger<Recovery> logger)
{
    private readonly List<SensorReading> taken = [];
    private readonly List<Alert> transitions = [];
    private DateTimeOffset? observedUntil;

    /// <summary>Restores everything that is on disk.</summary>
    public void Run()
    {
        ReportDamage(store.Damage);
        ReportDamage(journal?.Damage);
        outbox.Open();
        var refused = !SnapshotReader.TryRead(snapshotPath, out var header, Restore, out var reason) && File.Exists(snapshotPath);
        if (refused)
        {
            ReportDamage(new StoreDamage(snapshotPath, DatabaseFile.MoveAside(snapshotPath, clock.GetUtcNow()), reason));
        }

        observedUntil = header?.ObservedUntil;
        RestoreMaintenance(observedUntil);
        var batches = ReplayJournal(header?.JournalPosition ?? 0);
        if (journal is { DamagedBatches: > 0 })
        {
            logger.BatchesDamaged(journal.DamagedBatches);
            ingest.Damage.Add($"{journal.DamagedBatches} batches of the journal were damaged; their readings are missing.");
        }

        foreach (var alert in StoredAlerts())
        {
            rules.LifeCycle.Conditions.Adopt(alert);
        }

        rules.LifeCycle.Resume();
        EndAlertsOfMoved();
        EndAlertsOfLeft();
        windower.Resume(OpenSubjects(Family.Silent), OpenSubjects(Family.Limit));
        ContinueMaintenance();
        ContinueObserving(refused || journal is { Damage: not null } or { DamagedBatches: > 0 });
        logger.Restored(windower.Sensors, batches);
    }

    /// <summary>Another process of the partition judges these assets now, and tells what it finds under its own name.</summary>
    private void EndAlertsOfMoved()
    {
        foreach (var moved in rules.LifeCycle.Conditions.All.Where(c => c.Newest is { Asset.Length: > 0 } alert && !partition.Keeps(alert.Asset)).ToList())
        {
            rules.LifeCycle.Forget(moved.Subject, moved.Family, clock.GetUtcNow(), transitions, Alert.Moved);
        }

        Commit();
    }

    /// <summary>The settings changed between the runs: nobody would ever end what is open for a sensor that they left out.</summary>
    private void EndAlertsOfLeft()
    {
        foreach (var (id, asset) in ingest.Left)
        {
            rules.Forget(id, asset, clock.GetUtcNow(), transitions);
        }

        Commit();
    }

    /// <summary>
    /// What alerts on disk say of maintenance, for the journal to be worked off under it, and so that sensors which the snapshot knows from before the end of one begin anew. The
    /// end may be somewhat before the snapshot: a command is as old as its way to the stages was long.
    /// </summary>
    private void RestoreMaintenance(DateTimeOffset? snapshot) =>
        windower.Maintenance.Restore(rules.LifeCycle.OutOfService.Told(StoredAlerts().Where(a => a.Active || !(a.Time < snapshot - TimeSpan.FromMinutes(1)))));

    /// <summary>What the broker kept for us comes with the next moment: it must not be judged where a window of the settings has begun meanwhile.</summary>
    private void ContinueMaintenance()
    {
        if (ingest.ClockIsSet)
        {
            chain.Maintain(clock.GetUtcNow(), transitions);
            Commit();
        }
    }

    private IEnumerable<Alert> StoredAlerts() => store.LastEnded(DateTimeOffset.MinValue).Concat(store.OpenAlerts()).Select(s => AlertJson.Read(s.State));

    private void Commit()
    {
        outbox.Commit(transitions);
        transitions.Clear();
    }

    private HashSet<string> OpenSubjects(string family) => [.. rules.LifeCycle.Conditions.All.Where(c => c.IsActive && c.Family == family).Select(c => c.Subject)];

    private void ContinueObserving(bool damaged)
    {
        var killed = store.MarkStarted();
        if ((observedUntil ?? killed) is { } until)
        {
            ingest.Outages.ContinueFrom(until, forgotten: damaged || (killed is not null && journal is null));
        }
    }

    private void Restore(string name, byte[] section)
    {
        if (name == IngestState.Section)
        {
            ingest.Restore(section);
        }
        else if (name == AlertsSnapshot.Section)
        {
            AlertsSnapshot.Restore(rules, section);
        }
        else if (!WindowsSnapshot.TryRestore(windower, name, section, registry))
        {
            throw new InvalidDataException($"The section {name} of the snapshot is unknown.");
        }
    }

    private int ReplayJournal(long position)
    {
        var batches = 0;
        foreach (var (_, batch) in journal?.ReadAfter(position) ?? [])
        {
            JournalBatch.Read(batch, registry, Take);
            Commit();
            batches++;
        }

        chain.RecallMaintenance(DateTimeOffset.MaxValue, transitions);
        Commit();
        return batches;
    }

    private void Take(List<SensorReading> arrived)
    {
        observedUntil = arrived[^1].ReceivedAt;
        chain.RecallMaintenance(observedUntil.Value, transitions);
        ingest.Order.TakeAgain(arrived, taken);
        chain.Add(taken, transitions);
        taken.Clear();
    }

    private void ReportDamage(StoreDamage? damage)
    {
        if (damage is not null)
        {
            logger.StoreDamaged(damage.Path, damage.MovedTo, damage.Reason);
            ingest.Damage.Add($"{damage.Path} could not be used ({damage.Reason}) and was begun anew; the damaged file is {damage.MovedTo}.");
        }
    }
}
