namespace EdgeGateway.Storage;

/// <summary>What one sink still has to take.</summary>
/// <param name="Pending">Entries.</param>
/// <param name="Alerts">Alerts whose raise is among them.</param>
/// <param name="Bytes">Of the bodies.</param>
/// <param name="OldestAge">Since the oldest of them was stored; zero when nothing waits, and never negative when the clock was set back.</param>
public sealed record SinkBacklog(string Sink, int Pending, int Alerts, long Bytes, TimeSpan OldestAge)
{
    /// <summary>Alerts that waited too long, ever.</summary>
    public long Expired { get; init; }

    /// <summary>Alerts that had to make room, ever.</summary>
    public long Evicted { get; init; }

    /// <summary>What was counted since the store was opened.</summary>
    internal SinkTally Tally { get; init; } = new();
}
