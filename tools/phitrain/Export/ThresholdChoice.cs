using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Export;

/// <summary>
/// The threshold that goes into sensor.json. Alerts are raised by the gateway's rule and scored by its event protocol; the choice is the middle of the thresholds whose mean
/// F1 over the sets is within .005 of the best.
/// </summary>
/// <param name="Score">What the threshold gives on all series.</param>
internal sealed record ThresholdChoice(double Threshold, SeriesScore Score)
{
    private const double Step = .05;
    private const double Plateau = .005;

    /// <param name="lowest">Lowest threshold that is tried.</param>
    /// <param name="highest">Highest one.</param>
    public static ThresholdChoice Choose(IReadOnlyList<AlertSeries> series, double lowest = -1, double highest = 3)
    {
        var tried = Enumerable.Range(0, (int)Math.Round((highest - lowest) / Step) + 1).Select(i => Math.Round(lowest + (i * Step), 2))
            .Select(threshold => (Threshold: threshold, F1: MeanF1(series, threshold))).ToArray();
        var best = tried.Max(t => t.F1);
        var plateau = tried.Where(t => t.F1 >= best - Plateau).ToArray();
        var chosen = tried.MinBy(t => Math.Abs(t.Threshold - ((plateau[0].Threshold + plateau[^1].Threshold) / 2))).Threshold;
        return new ThresholdChoice(chosen, SeriesScore.Sum(series.Select(s => s.At(chosen))));
    }

    private static double MeanF1(IReadOnlyList<AlertSeries> series, double threshold) =>
        series.GroupBy(s => s.Labels.Set).Select(set => SeriesScore.Sum(set.Select(s => s.At(threshold)))).Where(s => s.Events > 0).Average(s => s.F1);
}
