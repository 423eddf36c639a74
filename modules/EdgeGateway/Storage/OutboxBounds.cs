namespace EdgeGateway.Storage;

/// <summary>How much may wait for one sink, and for how long. Beyond it whole alerts go that the sink has not seen anything of, the mildest first, then the oldest.</summary>
/// <param name="Bytes">Bodies of the entries.</param>
/// <param name="Alerts">Alerts, open ones among them. As many that have ended are remembered besides.</param>
/// <param name="Expiry">Since the newest transition of an alert.</param>
public sealed record OutboxBounds(long Bytes, int Alerts, TimeSpan Expiry)
{
    /// <summary>What holds where the settings say nothing.</summary>
    public static OutboxBounds Default { get; } = new(64 << 20, 20_000, TimeSpan.FromDays(30));

    /// <summary>Entries of a sink from which on the transitions of an alert that wait there become one. The other bounds lie above it.</summary>
    public int FoldFrom { get; init; } = 1000;
}
