using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Export;

/// <summary>The scores of one series at its hops, and what is known of it: what the alert rule decides on.</summary>
/// <param name="Rows">Length of the series.</param>
/// <param name="Ends">Row that each hop ends with.</param>
/// <param name="Scores">Log-odds of "not normal" of the asset at each hop; NaN = not judged.</param>
internal sealed record AlertSeries(SeriesLabels Labels, int Rows, int[] Ends, double[] Scores)
{
    private const int QuietHops = 12;

    /// <summary>Up to this many sensors, one alone may decide (docs/adr/0004).</summary>
    private const int FewSensors = 3;

    /// <summary>
    /// The windows of an asset's sensors in the order of their rows, fused as the gateway does it: with up to three sensors, the highest score less the logarithm of their number;
    /// else the mean of the two highest.
    /// </summary>
    public static AlertSeries Of(SeriesLabels labels, int rows, IEnumerable<(int Row, double Score)> windows)
    {
        var hops = windows.GroupBy(w => w.Row).Select(hop => (Row: hop.Key, Score: Fused([.. hop.Select(w => w.Score)]))).ToArray();
        return new AlertSeries(labels, rows, [.. hops.Select(h => h.Row)], [.. hops.Select(h => h.Score)]);
    }

    /// <summary>Alerts at this threshold by the gateway's rule, scored by its event protocol.</summary>
    public SeriesScore At(double threshold) => Scoring.Score(Labels, Rows, Alerts(threshold));

    /// <summary>Rows at which an alert is raised: 2 of the last 3 hops, this one included, are above the threshold; none while one is open or in the 12 hops after it was raised.</summary>
    public IEnumerable<int> Alerts(double threshold)
    {
        var (open, hops, above) = (false, QuietHops, 0);
        for (var i = 0; i < Scores.Length; i++)
        {
            above = ((above << 1) | (Scores[i] > threshold ? 1 : 0)) & 0b111;
            hops++;
            var firing = (above & 1) == 1 && above != 1;
            if (firing && !open && hops >= QuietHops)
            {
                (open, hops) = (true, 0);
                yield return Ends[i];
            }
            else if (!firing && !double.IsNaN(Scores[i]) && hops >= QuietHops)
            {
                open = false;
            }
        }
    }

    private static double Fused(double[] scores)
    {
        Array.Sort(scores);
        return scores.Length <= FewSensors ? scores[^1] - Math.Log(scores.Length) : (scores[^1] + scores[^2]) / 2;
    }
}
