namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>How often windows of a confidence are anomalous by their labels, in ten bins of equal width.</summary>
internal sealed class Reliability
{
    private const int Count = 10;
    private readonly (long Windows, long Anomalous, double Confidence)[] bins = new (long, long, double)[Count];

    /// <summary>Windows in all bins.</summary>
    public long Windows => bins.Sum(b => b.Windows);

    /// <summary>The bins that hold windows, by rising confidence.</summary>
    public IEnumerable<ReliabilityBin> Bins => bins.Select((b, i) => (b, i)).Where(x => x.b.Windows > 0)
        .Select(x => new ReliabilityBin(x.i / (double)Count, (x.i + 1) / (double)Count, x.b.Windows, x.b.Confidence / x.b.Windows, x.b.Anomalous / (double)x.b.Windows));

    /// <summary>Expected calibration error: mean distance of confidence and share over all windows; NaN without a window.</summary>
    public double ExpectedError => Bins.Sum(b => b.Windows * Math.Abs(b.Confidence - b.Anomalous)) / Windows;

    /// <summary>Takes one window.</summary>
    /// <param name="confidence">0..1.</param>
    public void Add(double confidence, bool anomalous)
    {
        ref var bin = ref bins[Math.Clamp((int)(confidence * Count), 0, Count - 1)];
        bin = (bin.Windows + 1, bin.Anomalous + (anomalous ? 1 : 0), bin.Confidence + confidence);
    }

    /// <summary>Takes all windows of another.</summary>
    public void Add(Reliability other)
    {
        for (var i = 0; i < Count; i++)
        {
            bins[i] = (bins[i].Windows + other.bins[i].Windows, bins[i].Anomalous + other.bins[i].Anomalous, bins[i].Confidence + other.bins[i].Confidence);
        }
    }
}

/// <summary>Windows with a confidence of From up to To: their mean confidence, and the share of them that touch a labelled event.</summary>
internal sealed record ReliabilityBin(double From, double To, long Windows, double Confidence, double Anomalous);
