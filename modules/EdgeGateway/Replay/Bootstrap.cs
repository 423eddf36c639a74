namespace EdgeGateway.Replay;

/// <summary>A 95 % interval; NaN where there is none.</summary>
internal readonly record struct Interval(double Low, double High);

/// <summary>The bootstrap over series: how much figures depend on which series happen to be in a set. The same in every run.</summary>
internal static class Bootstrap
{
    private const int Resamples = 500;

    /// <summary>For each resample one draw with replacement from every group, of as many as it has: their places in it.</summary>
    public static IEnumerable<int[][]> Draws(params int[] groupSizes)
    {
        var random = new Random(0);
        for (var resample = 0; resample < Resamples; resample++)
        {
            yield return [.. groupSizes.Select(size => Enumerable.Range(0, size).Select(_ => random.Next(size)).ToArray())];
        }
    }

    /// <summary>Sums over each resample of the series of one set.</summary>
    public static IReadOnlyList<SeriesScore> Sums(IReadOnlyList<SeriesScore> series) => [.. Draws(series.Count).Select(draw => Sum(series, draw[0]))];

    /// <summary>Sum over the series at these places.</summary>
    public static SeriesScore Sum(IReadOnlyList<SeriesScore> series, int[] places) => SeriesScore.Sum(places.Select(place => series[place]));

    /// <summary>The middle 95 % of what was found on the resamples; those without a figure do not count.</summary>
    public static Interval Middle(IEnumerable<double> figures)
    {
        var sorted = figures.Where(f => !double.IsNaN(f)).Order().ToArray();
        return sorted.Length == 0
            ? new Interval(double.NaN, double.NaN)
            : new Interval(sorted[(int)(0.025 * sorted.Length)], sorted[Math.Min(sorted.Length - 1, (int)(0.975 * sorted.Length))]);
    }
}
