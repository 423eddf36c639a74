using System.Globalization;

namespace EdgeGateway.Replay;

/// <summary>The table of results by set: precision, recall, F1 with 95 % bootstrap intervals over series, false alarms, delay.</summary>
internal static class ScoreTable
{
    private const int Resamples = 500;

    /// <summary>Scores of the sets, by name.</summary>
    public static SortedDictionary<string, IReadOnlyList<SeriesScore>> BySet(IEnumerable<ReplayResult> results) => new(
        results.Where(r => r.File.Labels is not null)
            .GroupBy(r => r.File.Labels!.Set)
            .ToDictionary(g => g.Key, g => (IReadOnlyList<SeriesScore>)[.. g.Select(r => Scoring.Score(r.File.Labels!, r.Rows, r.Raised.Select(a => a.Row)))]),
        StringComparer.Ordinal);

    /// <summary>Mean F1 over the sets that have a scored event; NaN when none has.</summary>
    public static double MeanF1(SortedDictionary<string, IReadOnlyList<SeriesScore>> sets) =>
        sets.Values.Select(SeriesScore.Sum).Where(s => s.Events > 0).Select(s => s.F1).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The lines of the table.</summary>
    public static IEnumerable<string> Lines(SortedDictionary<string, IReadOnlyList<SeriesScore>> sets)
    {
        yield return $"{"set",-18} {"series",6} {"events",6} {"alerts",6}  {"precision",9} {"[95% CI]",14} {"recall",8} {"F1",6} {"[95% CI]",14} {"FA/1000w",9} {"delay",6}";
        foreach (var (name, series) in sets)
        {
            var sum = SeriesScore.Sum(series);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-18} {series.Count,6} {sum.Events,6} {sum.Alerts,6}  {sum.Precision,9:0.000} {Interval(series, s => s.Precision),14} {sum.Recall,8:0.000} {sum.F1,6:0.000} {Interval(series, s => s.F1),14} {sum.FalsePerThousand,9:0.0} {sum.MedianDelay,6:0}");
        }

        var scored = sets.Values.Count(series => series.Any(s => s.Events > 0));
        yield return scored == 0 ? "No set has a labelled event after its warm-up: there is no F1." : string.Create(CultureInfo.InvariantCulture, $"mean F1 over {scored} sets: {MeanF1(sets):0.000}");
    }

    /// <summary>95 % bootstrap interval over series, the same in every run.</summary>
    private static string Interval(IReadOnlyList<SeriesScore> series, Func<SeriesScore, double> figure)
    {
        var random = new Random(0);
        var sorted = Enumerable.Range(0, Resamples)
            .Select(_ => figure(SeriesScore.Sum(Enumerable.Range(0, series.Count).Select(_ => series[random.Next(series.Count)]))))
            .Where(f => !double.IsNaN(f))
            .Order()
            .ToArray();
        return sorted.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"[{sorted[(int)(0.025 * sorted.Length)]:0.00}, {sorted[Math.Min(sorted.Length - 1, (int)(0.975 * sorted.Length))]:0.00}]");
    }
}
