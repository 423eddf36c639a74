namespace EdgeGateway.Storage;

/// <summary>Sinks that are told of no new alert for a while: what they missed and is still open they are told of afterwards, as it is then.</summary>
internal sealed partial class GatewayStore
{
    /// <summary>Sinks that are told of no alert that is raised from now on.</summary>
    public IReadOnlyList<string> Observing { get; set; } = [];

    /// <summary>Makes the open alerts among these pending for the sinks that were <see cref="Observing"/> when they were raised and no longer are. The ended ones stay untold. Returns how many.</summary>
    /// <param name="open">The newest transition of each open alert; it stands for all before it.</param>
    public int TellObserved(IReadOnlyList<AlertTransition> open) => Change(() =>
    {
        var told = 0;
        foreach (var sink in tallies.Keys.Except(Observing))
        {
            foreach (var transition in open)
            {
                if (database.Execute_NeedsLock("DELETE FROM withheld WHERE alertId = $1 AND sink = $2 AND observed = 1", transition.State.AlertId, sink) > 0)
                {
                    AddPending_NeedsLock(sink, Insert_NeedsLock(transition, clock.GetUtcNow()), transition, from: 1);
                    Count(sink, t => t with { NewEntries = t.NewEntries + 1 });
                    told++;
                }
            }

            database.Execute_NeedsLock("UPDATE withheld SET observed = 0 WHERE sink = $1 AND observed = 1", sink);
        }

        KeepWithinBounds_NeedsLock();
        return told;
    });

    private void Observe_NeedsLock(string sink, AlertState state)
    {
        if (state.Sequence == 1 && Observing.Contains(sink))
        {
            database.Execute_NeedsLock("INSERT OR IGNORE INTO withheld (alertId, sink, observed) VALUES ($1, $2, 1)", state.AlertId, sink);
            Count(sink, t => t with { Observed = t.Observed + 1 });
        }
    }
}
