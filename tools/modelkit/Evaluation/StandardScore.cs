using EdgeGateway.Windows.Fields;

namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>
/// Distance of each sample from the median of the samples before it, in their spreads: 1.4826 median absolute deviations, at least a quarter of the running standard
/// deviation, so that a sensor that mostly stands still is no divisor of zero. The baseline is renewed every tenth sample.
/// </summary>
/// <param name="length">Samples of the baseline.</param>
internal sealed class StandardScore(int length)
{
    private const int Needed = 30;
    private const int Hop = 10;
    private const double DeviationsPerMedianDistance = 1.4826; // of a normal distribution
    private const double LeastShare = 0.25;
    private const double Tiny = 1e-12;
    private readonly SortedWindow sorted = new(length);
    private readonly Ring samples = new(length);
    private RunningVariance variance;
    private double median = double.NaN;
    private double spread;
    private long count;

    /// <summary>The score of the next sample; 0 while fewer than 30 were seen.</summary>
    public double Next(double value)
    {
        var score = double.IsNaN(median) ? 0 : (value - median) / spread;
        if (sorted.IsFull)
        {
            sorted.Replace(samples[length - 1], value);
        }
        else
        {
            sorted.Add(value);
        }

        samples.Add(value);
        variance.Add(value, ++count);
        if (count % Hop == 0 && sorted.Count >= Needed)
        {
            median = sorted.Median;
            spread = Math.Max(DeviationsPerMedianDistance * sorted.MedianDistance(median), (LeastShare * variance.Deviation) + Tiny + (Tiny * Math.Abs(value)));
        }

        return score;
    }
}
