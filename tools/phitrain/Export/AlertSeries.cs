using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Export;

/// <summary>The scores of one series at its hops, and what is known of it: what the alert rule decides on.</summary>
/// <param name="Rows">Length of the series.</param>
/// <param name="Ends">Row that each hop ends with.</param>
/// <param name="Scores">Log-odds of "not normal" of the asset at each hop; NaN = not judged.</param>
internal sealed record AlertSeries(SeriesLabels Labels, int Rows, int[] Ends, double[] Scores)
{
    private const int QuietHops = 12;

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
}
