using System.Collections.Concurrent;

namespace Hubstand.Hub;

/// <summary>How often each thing happened since the start.</summary>
public sealed class HubCounters
{
    private readonly ConcurrentDictionary<HubEvent, long> counts = new();

    /// <summary>How often it happened.</summary>
    public long this[HubEvent happened] => counts.GetValueOrDefault(happened);

    /// <summary>All that happened at least once.</summary>
    public IReadOnlyDictionary<HubEvent, long> All => counts;

    internal void Count(HubEvent happened) => counts.AddOrUpdate(happened, 1, (_, n) => n + 1);
}
