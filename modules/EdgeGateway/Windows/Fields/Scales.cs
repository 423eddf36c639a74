namespace EdgeGateway.Windows.Fields;

/// <summary>What counts as small for this sensor, as of one hop end (recipe section 2, "Hop end").</summary>
/// <param name="Deviation">sd: running standard deviation of x.</param>
/// <param name="DifferenceDeviation">sdd: the same of the differences.</param>
/// <param name="Tiny">1e-12 + 1e-9 of the absolute raw value: rounding noise.</param>
/// <param name="UsualDifference">Median absolute difference of the last 360, 0 with fewer than 20.</param>
internal readonly record struct Scales(double Deviation, double DifferenceDeviation, double Tiny, double UsualDifference)
{
    private const double SmallestTiny = 1e-12;

    /// <summary>The scales before the first hop end.</summary>
    public static Scales None { get; } = new(0, 0, SmallestTiny, 0);

    /// <summary>The least spread that any baseline may have.</summary>
    public double Floor => 0.05 * Deviation + Tiny;

    /// <summary>q: what is added to both sides of a ratio of spreads.</summary>
    public double RatioFloor => 0.02 * DifferenceDeviation + Tiny;

    /// <summary>What an absolute difference is measured by.</summary>
    public double DifferenceUnit => Math.Max(UsualDifference, 0.02 * Deviation) + Tiny;

    public static double TinyOf(double raw) => SmallestTiny + 1e-9 * Math.Abs(raw);

    public static Scales Exchange(ref Snapshot snapshot, Scales scales)
    {
        var (deviation, differenceDeviation, tiny, usual) = scales;
        snapshot.NotNegative(ref deviation);
        snapshot.NotNegative(ref differenceDeviation);
        snapshot.NotNegative(ref tiny);
        snapshot.Require(tiny >= SmallestTiny);
        snapshot.NotNegative(ref usual);
        return new Scales(deviation, differenceDeviation, tiny, usual);
    }
}
