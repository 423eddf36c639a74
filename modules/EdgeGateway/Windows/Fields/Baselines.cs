namespace EdgeGateway.Windows.Fields;

/// <summary>
/// The sensor's long memory: its last 1,440 samples, their baselines of 120, 360 and 1,440, and the size of its usual
/// differences. Differences are never stored: they follow from the samples.
/// </summary>
internal sealed class Baselines
{
    public const int Length = 1440;

    private const int Differences = 360;
    private const int DifferencesNeeded = 20;
    private const int LongestLag = 7; // lag 6 is the oldest that is read

    private readonly SortedWindow differenceSizes = new(Differences);
    private readonly Ring lowEnds = new(LongestLag);
    private readonly Ring highEnds = new(LongestLag);
    private RunningVariance values;
    private RunningVariance differences;

    public Ring Samples { get; } = new(Length);

    public Baseline Last120 { get; } = new(120, 3);

    public Baseline Last360 { get; } = new(360, LongestLag);

    public Baseline Last1440 { get; } = new(Length, LongestLag);

    /// <summary>Scales of the last hop end.</summary>
    public Scales Scales { get; private set; } = Scales.None;

    public void Push(in Sample sample)
    {
        var x = sample.Value;
        Last120.Push(x, Samples);
        Last360.Push(x, Samples);
        Last1440.Push(x, Samples);
        if (differenceSizes.IsFull)
            differenceSizes.Replace(DifferenceSize(Differences - 1), Math.Abs(sample.Difference));
        else if (sample.Number > 1)
            differenceSizes.Add(Math.Abs(sample.Difference));
        Samples.Add(x);
        values.Add(x, sample.Number);
        if (sample.Number > 1)
            differences.Add(sample.Difference, sample.Number - 1);
    }

    /// <summary>New scales and baselines; lag 0 is this hop end from now on.</summary>
    public void EndHop(double raw)
    {
        var usual = differenceSizes.Count >= DifferencesNeeded ? differenceSizes.Median : 0;
        Scales = new Scales(values.Deviation, differences.Deviation, Scales.TinyOf(raw), usual);
        Last120.EndHop(Scales);
        Last360.EndHop(Scales);
        Last1440.EndHop(Scales);
        lowEnds.Add(Last1440.Quantile(0.02));
        highEnds.Add(Last1440.Quantile(0.98));
    }

    /// <summary>Where the sensor stands and how it rises against its baselines of up to 6 hops ago.</summary>
    public void Measure(Board board, ReadOnlySpan<double> newest)
    {
        var (mean15, mean60) = (Samples.MeanOfNewest(15), Samples.MeanOfNewest(60));
        board[Quantity.Level15Of120] = Last120.Distance(mean15, 2);
        board[Quantity.Level15Of1440] = Last1440.Distance(mean15, 2);
        board[Quantity.Level60Of360] = Last360.Distance(mean60, 6);
        board[Quantity.Level60Of1440] = Last1440.Distance(mean60, 6);
        board[Quantity.Slope60] = Newest.Rise(newest, 60) / Last360.Spread(6);
        board[Quantity.Slope180] = Newest.Rise(newest, 180) / Last1440.Spread(6);
        var (low, high) = (lowEnds.Lag(6), highEnds.Lag(6));
        board[Quantity.OutOf98] = Math.Max(mean15 - high, low - mean15) / (high - low + Scales.Floor);
    }

    public void Exchange(ref Snapshot snapshot)
    {
        Samples.Exchange(ref snapshot);
        values.Exchange(ref snapshot);
        differences.Exchange(ref snapshot);
        Scales = Scales.Exchange(ref snapshot, Scales);
        Last120.Exchange(ref snapshot, Samples);
        Last360.Exchange(ref snapshot, Samples);
        Last1440.Exchange(ref snapshot, Samples);
        lowEnds.Exchange(ref snapshot, mayBeAbsent: true);
        highEnds.Exchange(ref snapshot, mayBeAbsent: true);
        if (!snapshot.Writing)
            RebuildDifferences();
    }

    private void RebuildDifferences()
    {
        Span<double> sizes = stackalloc double[Math.Clamp(Samples.Count - 1, 0, Differences)];
        for (var age = 0; age < sizes.Length; age++)
            sizes[age] = DifferenceSize(age);
        differenceSizes.Rebuild(sizes);
    }

    private double DifferenceSize(int age) => Math.Abs(Samples[age] - Samples[age + 1]);
}
