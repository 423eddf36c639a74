using EdgeGateway.Windows.Fields;

namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>
/// A classical statistic that watches one sensor, sample by sample, and knows nothing of what comes: what a user would take instead of a model. One setting for everything;
/// the settings are those that come nearest to figures known for these statistics on real recordings, or are better (docs/modelkit.md).
/// </summary>
internal abstract class ControlChart(int baseline)
{
    private readonly StandardScore standard = new(baseline);
    private double held = double.NaN;

    /// <summary>The four, by name; each call makes a fresh one.</summary>
    public static IReadOnlyList<(string Name, Func<ControlChart> New)> All { get; } =
    [
        ("robust z", () => new RobustZ()), ("EWMA chart", () => new EwmaChart()), ("CUSUM", () => new Cusum()), ("Page-Hinkley", () => new PageHinkley()),
    ];

    /// <summary>Takes a sample and says whether it alerts. A missing sample repeats the last one.</summary>
    public bool Alerts(double value)
    {
        held = double.IsFinite(value) ? value : held;
        return !double.IsNaN(held) && Decide(standard.Next(held));
    }

    /// <summary>Takes the standard score of a sample.</summary>
    protected abstract bool Decide(double score);
}

/// <summary>The mean score of the newest 60 samples against the newest 120 lies more than 3 away.</summary>
internal sealed class RobustZ() : ControlChart(120)
{
    private const int Length = 60;
    private const double Limit = 3;
    private const double Largest = 1e6;
    private readonly Ring newest = new(Length);

    protected override bool Decide(double score)
    {
        newest.Add(Math.Clamp(score, -Largest, Largest));
        return newest.IsFull && Math.Abs(newest.MeanOfNewest(Length)) > Limit;
    }
}

/// <summary>The exponentially weighted mean (0.2) of the scores against the newest 120 samples lies more than 20 of its own standard deviations away.</summary>
internal sealed class EwmaChart() : ControlChart(120)
{
    private const double Weight = 0.2;
    private const double Largest = 50;
    private static readonly double Limit = 20 * Math.Sqrt(Weight / (2 - Weight));
    private double mean;

    protected override bool Decide(double score)
    {
        mean += Weight * (Math.Clamp(score, -Largest, Largest) - mean);
        return Math.Abs(mean) > Limit;
    }
}

/// <summary>Two-sided CUSUM of the scores against the newest 360 samples: reference value 3, decision interval 100; begins anew after an alert.</summary>
internal sealed class Cusum() : ControlChart(360)
{
    private const double Reference = 3;
    private const double Interval = 100;
    private const double Largest = 10;
    private double up;
    private double down;

    protected override bool Decide(double score)
    {
        score = Math.Clamp(score, -Largest, Largest);
        up = Math.Max(0, up + score - Reference);
        down = Math.Max(0, down - score - Reference);
        if (Math.Max(up, down) <= Interval)
        {
            return false;
        }

        (up, down) = (0, 0);
        return true;
    }
}

/// <summary>Two-sided Page-Hinkley test of the scores against the newest 360 samples: tolerance 0.5, threshold 400; begins anew after an alert.</summary>
internal sealed class PageHinkley() : ControlChart(360)
{
    private const double Tolerance = 0.5;
    private const double Threshold = 400;
    private const double Largest = 10;
    private long count;
    private double mean;
    private (double Sum, double Extreme) up;
    private (double Sum, double Extreme) down;

    protected override bool Decide(double score)
    {
        score = Math.Clamp(score, -Largest, Largest);
        mean += (score - mean) / ++count;
        up.Sum += score - mean - Tolerance;
        down.Sum += score - mean + Tolerance;
        up.Extreme = Math.Min(up.Extreme, up.Sum);
        down.Extreme = Math.Max(down.Extreme, down.Sum);
        if (up.Sum - up.Extreme <= Threshold && down.Extreme - down.Sum <= Threshold)
        {
            return false;
        }

        (count, mean, up, down) = (0, 0, default, default);
        return true;
    }
}
