using EdgeGateway.Stages;
using EdgeGateway.Storage;

namespace EdgeGateway.Operations;

/// <summary>The counters of the gateway as one list.</summary>
internal static class GatewayCounters
{
    /// <summary>By name and reason, all sources together, and what became of alerts and their transitions at each sink.</summary>
    public static IReadOnlyDictionary<string, long> Read(Accounting accounting, GatewayStore store)
    {
        var counters = Read(accounting);
        foreach (var backlog in store.Backlogs())
        {
            foreach (var (name, value) in OfSink(backlog.Tally, backlog))
            {
                counters[$"{name}.{backlog.Sink}"] = value;
            }
        }

        return counters;
    }

    /// <summary>Alerts: raised + carried over from an earlier run = delivered + dead + expired + evicted + pending; observed apart. Transitions: new + carried over = delivered + dead + folded + withheld + pending.</summary>
    internal static IEnumerable<(string Name, long Value)> OfSink(SinkTally tally, SinkBacklog backlog)
    {
        (string, long)[] sums =
        [
            ("alerts.raised", tally.Raised), ("alerts.carried_over", tally.CarriedAlerts), ("alerts.delivered", tally.Delivered), ("alerts.dead", tally.Dead), ("alerts.expired", tally.Expired),
            ("alerts.evicted", tally.Evicted), ("alerts.observed", tally.Observed), ("transitions.new", tally.NewEntries), ("transitions.carried_over", tally.CarriedEntries), ("transitions.delivered", tally.DeliveredEntries),
            ("transitions.dead", tally.DeadEntries), ("transitions.folded", tally.Folded), ("transitions.withheld", tally.Withheld),
        ];
        return sums.Where(s => s.Item2 > 0).Append(("alerts.pending", backlog.Alerts)).Append(("transitions.pending", backlog.Pending));
    }

    /// <summary>By name and reason, all sources together.</summary>
    public static Dictionary<string, long> Read(Accounting accounting) =>
        accounting.All().GroupBy(c => c.Reason.Length == 0 ? c.Name : $"{c.Name}.{c.Reason}").ToDictionary(c => c.Key, c => c.Sum(v => v.Value));
}
