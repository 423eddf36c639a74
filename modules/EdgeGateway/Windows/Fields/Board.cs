using System.Collections.Immutable;

namespace EdgeGateway.Windows.Fields;

/// <summary>
/// The quantities of one hop end, under the recipe's names. The first 22 have an own history (in the order in which it is
/// stored), the first 31 are clipped; then come the surprises and what is made of them.
/// </summary>
internal enum Quantity
{
    Level15Of120, Level60Of360, Level60Of1440, LargestZ1440, HeldZ1440, Far120, Ewma, Cusum, Slope60, Slope180, NoiseRatio12,
    NoiseRatio60, SpreadRatio30, Roughness, Repeats12, Flat, Step, LargestDifference, LargestError, MeanError, Season, OutOf98,
    LargestZ360, Level15Of1440, Far1440, FarRecently, Repeats60, Missing60, LargestStep, Crossings, SeasonNearest,
    FirstSurprise,
    Surprising = FirstSurprise + Board.Histories, TopSurprise, FifthSurprise, PastSurprising, PastNoise, PastFlat, End,
}

/// <summary>The numbers of one hop end by quantity; NaN = absent. Knows which of them are the prompt's fields.</summary>
internal readonly ref struct Board(Span<double> values)
{
    /// <summary>Statistics with an own history.</summary>
    public const int Histories = 22;
    public const int Size = (int)Quantity.End;

    private const double Bound = 1e6;

    private static readonly ImmutableArray<string> Measured =
    [
        "L15_120", "L60_360", "L60_1440", "zmax_1440", "hold10_1440", "cnt35", "ewma", "cusum2", "slope60", "slope180", "nr12",
        "nr60", "sr30", "rough", "rep12", "flat", "step", "dmax", "hres_max", "hres_mean", "seas", "out98",
        "zmax_360", "L15_1440", "cnt35_1440", "rec35", "rep60", "miss60", "step60", "zc", "seas_min",
    ];

    private static readonly ImmutableArray<string> Names =
    [
        .. Measured, .. Measured.Take(Histories).Select(name => "s_" + name),
        "n_s2", "s_top1", "s_top5", "rec_s2", "rec_nr", "rec_flat",
    ];

    private static readonly ImmutableArray<int> Sources = [.. SensorFields.Names.Select(name => Names.IndexOf(name))];

    private readonly Span<double> values = values;

    public ref double this[Quantity quantity] => ref values[(int)quantity];

    /// <summary>The statistics with an own history, in stored order.</summary>
    public Span<double> WithHistory => values[..Histories];

    /// <summary>Their surprises.</summary>
    public Span<double> Surprises => values.Slice((int)Quantity.FirstSurprise, Histories);

    /// <summary>Bounds everything measured to +-1e6; NaN stays.</summary>
    public void Clip()
    {
        foreach (ref var value in values[..(int)Quantity.FirstSurprise])
            value = Math.Clamp(value, -Bound, Bound);
    }

    /// <summary>Copies the prompt's fields in the recipe's order.</summary>
    public void CopyFields(Span<double> fields)
    {
        for (var i = 0; i < Sources.Length; i++)
            fields[i] = values[Sources[i]];
    }
}
