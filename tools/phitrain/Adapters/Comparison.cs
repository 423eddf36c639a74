using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>What one judge gave on some series.</summary>
/// <param name="FalsePerSensorDay">False alarms per day of normal samples of one sensor.</param>
internal sealed record Outcome(string Set, int Series, SeriesScore Score, double FalsePerSensorDay)
{
    private const double SecondsPerDay = 86400;

    /// <summary>The sets by name.</summary>
    public static IReadOnlyList<Outcome> BySet(IEnumerable<JudgedSeries> series, bool after) => [.. series.GroupBy(s => s.Labels.Set).OrderBy(s => s.Key, StringComparer.Ordinal).Select(set =>
    {
        var sum = SeriesScore.Sum(set.Select(s => after ? s.After : s.Before));
        return new Outcome(set.Key, set.Count(), sum, sum.False / (set.Sum(s => (after ? s.After : s.Before).Normal * s.Labels.StepSeconds * s.Labels.Columns.Length) / SecondsPerDay));
    })];
}

/// <summary>One held-back series, judged by the base model with its threshold and by the adapter with its own.</summary>
internal sealed record JudgedSeries(SeriesLabels Labels, SeriesScore Before, SeriesScore After);

/// <summary>Base against adapter on series that the adapter was not trained on.</summary>
internal sealed class Comparison(IReadOnlyList<JudgedSeries> series)
{
    private const int Resamples = 2000;

    public IReadOnlyList<Outcome> Before { get; } = Outcome.BySet(series, after: false);

    public IReadOnlyList<Outcome> After { get; } = Outcome.BySet(series, after: true);

    public IReadOnlyList<JudgedSeries> Series => series;

    /// <summary>Mean F1 over the sets that have events.</summary>
    public static double MeanF1(IEnumerable<Outcome> sets) => sets.Where(s => s.Score.Events > 0).Average(s => s.Score.F1);

    public double Gain => MeanF1(After) - MeanF1(Before);

    /// <summary>95 % interval of the gain: paired bootstrap over the series of each set, the same in every run.</summary>
    public (double Low, double High) Interval()
    {
        var sets = series.GroupBy(s => s.Labels.Set).Select(s => s.ToArray()).Where(s => s.Any(x => x.Before.Events > 0)).ToArray();
        var random = new Random(0);
        var gains = Enumerable.Range(0, Resamples).Select(_ => sets.Average(set =>
        {
            var drawn = set.Select(_ => set[random.Next(set.Length)]).ToArray();
            return F1(drawn.Select(s => s.After)) - F1(drawn.Select(s => s.Before));
        })).Order().ToArray();
        return (gains[(int)(.025 * Resamples)], gains[(int)(.975 * Resamples) - 1]);
    }

    /// <summary>0 where a drawn sample has neither events nor alerts.</summary>
    private static double F1(IEnumerable<SeriesScore> scores) => SeriesScore.Sum(scores).F1 is var f1 && double.IsNaN(f1) ? 0 : f1;
}
