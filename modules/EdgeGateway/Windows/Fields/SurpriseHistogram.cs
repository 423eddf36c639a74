namespace EdgeGateway.Windows.Fields;

/// <summary>
/// Own history of one statistic: a histogram of quarter octaves with forgetting, fed 6 hops late, and how rare a value as
/// large as the present one is in it (recipe section 2, "Surprise").
/// </summary>
/// <param name="isLog">The statistic is in octaves already: binned as it is, sign kept.</param>
internal sealed class SurpriseHistogram(bool isLog)
{
    private const int Bins = 100;
    private const int Late = 6;
    private const sbyte NoBin = -1;
    private const float HalveAt = 2500;
    private const float Needed = 12;

    // Counts are whole numbers until the first halving (25,000 samples) and exact in a float for twelve more.
    private readonly float[] counts = new float[Bins];
    private readonly sbyte[] waiting = new sbyte[Late];
    private int waitingCount;
    private int oldest;
    private float total;

    /// <summary>Surprise of the value, in powers of ten; NaN while fewer than 12 values are known, or for an absent one.</summary>
    public double Next(double value)
    {
        var bin = double.IsNaN(value) ? NoBin : BinOf(value);
        if (waitingCount < Late)
            waiting[waitingCount++] = bin;
        else
            FeedOldest(bin);
        return bin == NoBin || total < Needed ? double.NaN : -Math.Log10((From(bin) + 0.5) / (total + 1.0));
    }

    public void Exchange(ref Snapshot snapshot)
    {
        snapshot.Whole(ref waitingCount, 0, Late);
        snapshot.Whole(ref oldest, 0, Late - 1);
        foreach (ref var bin in waiting.AsSpan())
            snapshot.Small(ref bin, NoBin, Bins - 1);
        snapshot.Count(ref total);
        var (first, last) = (FirstUsed(), LastUsed());
        snapshot.Whole(ref first, 0, Bins);
        snapshot.Whole(ref last, -1, Bins - 1);
        for (var bin = first; bin <= last; bin++)
            snapshot.Count(ref counts[bin]);
    }

    private sbyte BinOf(double value)
    {
        var octaves = isLog ? value : Math.Log2(Math.Abs(value) + 1e-3);
        return (sbyte)Math.Clamp(Math.Floor((octaves + 10) * 4 + 1e-9), 0, Bins - 1);
    }

    // The bin that has waited longest is counted, the new one takes its place.
    private void FeedOldest(sbyte bin)
    {
        var fed = waiting[oldest];
        waiting[oldest] = bin;
        oldest = (oldest + 1) % Late;
        if (fed == NoBin)
            return;
        counts[fed]++;
        total++;
        if (total >= HalveAt)
            Halve();
    }

    private void Halve()
    {
        foreach (ref var bin in counts.AsSpan())
            bin *= 0.5f;
        total *= 0.5f;
    }

    private double From(int bin)
    {
        var sum = 0.0;
        for (var i = Bins - 1; i >= bin; i--)
            sum += counts[i];
        return sum;
    }

    private int FirstUsed()
    {
        var index = counts.AsSpan().IndexOfAnyExcept(0f);
        return index < 0 ? Bins : index;
    }

    private int LastUsed() => counts.AsSpan().LastIndexOfAnyExcept(0f);
}
