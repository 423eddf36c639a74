using EdgeGateway.Stages;
using EdgeGateway.Storage;

namespace EdgeGateway.Operations;

/// <summary>The counters of the gateway as one list.</summary>
internal static class GatewayCounters
{
    /// <summary>By name and reason, all sources together, and what waits for each sink.</summary>
    public static IReadOnlyDictionary<string, long> Read(Accounting accounting, GatewayStore store)
    {
        var counters = Read(accounting);
        foreach (var backlog in store.Backlogs())
        {
            counters[$"alerts.pending.{backlog.Sink}"] = backlog.Pending;
        }

        return counters;
    }

    /// <summary>By name and reason, all sources together.</summary>
    public static Dictionary<string, long> Read(Accounting accounting) =>
        accounting.All().GroupBy(c => c.Reason.Length == 0 ? c.Name : $"{c.Name}.{c.Reason}").ToDictionary(c => c.Key, c => c.Sum(v => v.Value));
}
