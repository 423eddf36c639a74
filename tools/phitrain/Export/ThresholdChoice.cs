using System.Collections.Immutable;
using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Export;

/// <summary>
/// The threshold that goes into sensor.json. Alerts are raised on held-out series by the gateway's rule and scored by its event protocol; the choice is the middle of the
/// thresholds whose F1 is within .005 of the best.
/// </summary>
/// <param name="Score">What the threshold gives on the held-out series.</param>
internal sealed record ThresholdChoice(double Threshold, SeriesScore Score)
{
    private const double Step = .05;
    private const double Plateau = .005;
    private const int WarmUp = 300;
    private const int QuietHops = 12;

    /// <summary>The middle of the best thresholds between -1 and 3.</summary>
    public static ThresholdChoice Choose(IReadOnlyList<ScoredSeries> series)
    {
        var tried = Enumerable.Range(-20, 81).Select(i => At(series, i * Step)).ToArray();
        var best = tried.Max(t => t.Score.F1);
        var plateau = tried.Where(t => t.Score.F1 >= best - Plateau).ToArray();
        return tried.MinBy(t => Math.Abs(t.Threshold - ((plateau[0].Threshold + plateau[^1].Threshold) / 2)))!;
    }

    /// <summary>What this threshold gives.</summary>
    public static ThresholdChoice At(IReadOnlyList<ScoredSeries> series, double threshold) => new(
        Math.Round(threshold, 2),
        SeriesScore.Sum(series.Select(s => Scoring.Score(
            new SeriesLabels([""], [.. s.Series.Faults.Select(f => ImmutableArray.Create(f.First, f.Last))], "", 1, WarmUp), s.Series.Samples, Alerts(s, threshold)))));

    /// <summary>Last samples of the windows that raise an alert: 2 of the last 3 hops, this one included, are above the threshold; none while one is open or in the 12 hops after it was raised.</summary>
    private static IEnumerable<int> Alerts(ScoredSeries series, double threshold)
    {
        var (open, hops, above) = (false, QuietHops, 0);
        for (var i = 0; i < series.Scores.Length; i++)
        {
            if (series.Series.Ends[i] < WarmUp)
            {
                continue;
            }

            above = ((above << 1) | (series.Scores[i] > threshold ? 1 : 0)) & 0b111;
            hops++;
            var firing = (above & 1) == 1 && above != 1;
            if (firing && !open && hops >= QuietHops)
            {
                (open, hops) = (true, 0);
                yield return series.Series.Ends[i];
            }
            else if (!firing && hops >= QuietHops)
            {
                open = false;
            }
        }
    }
}
