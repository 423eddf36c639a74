namespace EdgeGateway.Windows.Fields;

/// <summary>Median and spread of the last <c>length</c> samples, taken at each hop end and remembered for the newest <c>lags</c> of those.</summary>
internal sealed class Baseline(int length, int lags)
{
    private const int Needed = 30;
    private const double DeviationsPerMedianDistance = 1.4826; // of a normal distribution
    private const double LargestScore = 1e6;

    private readonly SortedWindow window = new(length);
    private readonly Ring medians = new(lags);
    private readonly Ring spreads = new(lags);

    /// <summary>False before the first hop end with 30 samples.</summary>
    public bool Exists => !double.IsNaN(Median(0));

    /// <summary>Median at this many hop ends ago, less the sensor's first value; NaN = absent.</summary>
    public double Median(int lag) => medians.Lag(lag);

    /// <summary>Spread at this many hop ends ago, never zero; NaN = absent.</summary>
    public double Spread(int lag) => spreads.Lag(lag);

    /// <summary>Signed distance from an earlier median in its spreads.</summary>
    public double Distance(double value, int lag) => (value - Median(lag)) / Spread(lag);

    /// <summary>z of a sample against the last hop end; 0 while there is none.</summary>
    public double Score(double x) => Exists ? Math.Clamp(Distance(x, 0), -LargestScore, LargestScore) : 0;

    /// <summary>Takes a sample, before the ring of all samples does.</summary>
    public void Push(double x, Ring before)
    {
        if (window.IsFull)
            window.Replace(before[length - 1], x);
        else
            window.Add(x);
    }

    public void EndHop(Scales scales)
    {
        var (median, spread) = (double.NaN, double.NaN);
        if (window.Count >= Needed)
        {
            median = window.Median;
            spread = Math.Max(DeviationsPerMedianDistance * window.MedianDistance(median), Math.Max(scales.Floor, 0.5 * scales.UsualDifference));
        }
        medians.Add(median);
        spreads.Add(spread);
    }

    /// <summary>The element at this share of the sorted window, absent below 30 samples.</summary>
    public double Quantile(double share) => window.Count < Needed ? double.NaN : window[(int)(share * (window.Count - 1) + 0.5)];

    /// <summary>Reads or writes what is remembered; when reading, the samples must have been restored.</summary>
    public void Exchange(ref Snapshot snapshot, Ring samples)
    {
        medians.Exchange(ref snapshot, mayBeAbsent: true);
        spreads.Exchange(ref snapshot, mayBeAbsent: true);
        snapshot.Require(medians.Count == spreads.Count);
        for (var lag = 0; lag < spreads.Count; lag++)
            snapshot.Require(!(Spread(lag) <= 0) && double.IsNaN(Spread(lag)) == double.IsNaN(Median(lag)));
        if (!snapshot.Writing)
            window.Rebuild(samples.CopyNewest(stackalloc double[length]));
    }
}
