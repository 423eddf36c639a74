namespace EdgeGateway.Alerts;

/// <summary>
/// How many alerts may be raised: token buckets by our clock, one of the gateway and one of each asset, which may have a quarter of it. A full bucket lets an hour's worth
/// through at once. Before the clock has ticked nothing is limited: a restart works off its journal.
/// </summary>
internal sealed class RateLimit(int perHour)
{
    /// <summary>Part of the gateway's rate that one asset may have.</summary>
    private const double AssetShare = 0.25;

    private readonly Dictionary<string, double> spentByAsset = new(StringComparer.Ordinal);
    private double spent;
    private DateTimeOffset? at;

    /// <summary>Alerts an hour; 0 for no limit.</summary>
    public int PerHour { get; set; } = perHour;

    private double OfAsset => Math.Max(1, PerHour * AssetShare);

    /// <summary>Our clock has moved on: what was spent comes back. A clock that is set back gives nothing.</summary>
    public void Tick(DateTimeOffset now)
    {
        var hours = at is { } before && now > before ? (now - before).TotalHours : 0;
        at = now;
        spent = Math.Max(0, spent - (hours * PerHour));
        foreach (var (asset, amount) in spentByAsset)
        {
            if (amount <= hours * OfAsset)
            {
                spentByAsset.Remove(asset);
            }
            else
            {
                spentByAsset[asset] = amount - (hours * OfAsset);
            }
        }
    }

    /// <summary>Whether one more alert of this asset may be raised now.</summary>
    public bool Allows(string asset) => PerHour == 0 || at is null || (spent + 1 <= PerHour && spentByAsset.GetValueOrDefault(asset) + 1 <= OfAsset);

    /// <summary>One more alert of this asset was raised.</summary>
    public void Take(string asset)
    {
        if (PerHour > 0 && at is not null)
        {
            spent++;
            spentByAsset[asset] = spentByAsset.GetValueOrDefault(asset) + 1;
        }
    }
}
