using System.Runtime.InteropServices;
using EdgeGateway.Stages;

namespace EdgeGateway.Ingest;

/// <summary>Counts readings at their end, so that <c>received</c> always equals the sum of the ends. Not thread-safe: used by the Ingest stage alone.</summary>
internal sealed class ReadingCounters(Accounting accounting)
{
    private readonly Dictionary<(string Source, string Name, RejectReason? Reason), Accounting.Counter> counters = [];

    /// <summary>Counts readings that ended as <paramref name="name"/>.</summary>
    public void Count(string source, string name, long count, RejectReason? reason = null)
    {
        Counter(source, name, reason).Add(count);
        Counter(source, "received", null).Add(count);
    }

    private Accounting.Counter Counter(string source, string name, RejectReason? reason)
    {
        ref var counter = ref CollectionsMarshal.GetValueRefOrAddDefault(counters, (source, name, reason), out _);
        return counter ??= accounting.Of(name, source, reason is { } r ? char.ToLowerInvariant(r.ToString()[0]) + r.ToString()[1..] : "");
    }
}
