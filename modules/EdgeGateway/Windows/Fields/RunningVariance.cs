namespace EdgeGateway.Windows.Fields;

/// <summary>Mean and variance of a series: exact for the first 5,000 values, then with exponential forgetting (recipe section 2).</summary>
internal struct RunningVariance
{
    private const double Slowest = 1.0 / 5000;

    private double mean;
    private double variance;

    /// <summary>Standard deviation over n, not n - 1.</summary>
    public readonly double Deviation => Math.Sqrt(variance);

    /// <param name="value">The next value.</param>
    /// <param name="count">How many values there are with this one, from 1.</param>
    public void Add(double value, long count)
    {
        var weight = Math.Max(1.0 / count, Slowest);
        var error = value - mean;
        mean += weight * error;
        variance = (1 - weight) * (variance + weight * error * error);
    }

    public void Exchange(ref Snapshot snapshot)
    {
        snapshot.Number(ref mean);
        snapshot.NotNegative(ref variance);
    }
}
