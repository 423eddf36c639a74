namespace EdgeGateway.Storage;

/// <summary>What one sink still has to take.</summary>
/// <param name="Pending">Entries.</param>
/// <param name="OldestAge">Since the oldest of them was stored; zero when nothing waits, and never negative when the clock was set back.</param>
public sealed record SinkBacklog(string Sink, int Pending, TimeSpan OldestAge);
