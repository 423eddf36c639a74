using EdgeGateway.Prompts;
using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Export;

/// <summary>What rounding to 4 bits changes, on held-out series.</summary>
/// <param name="Median">Middle of the differences of a window's score (log-odds).</param>
/// <param name="Percentile95">95 % of the differences are smaller.</param>
/// <param name="FloatF1">Of the trained model, at the threshold of the rounded one.</param>
/// <param name="RoundedF1">Of the rounded model, at its threshold.</param>
internal sealed record Rounding(double Median, double Percentile95, double FloatF1, double RoundedF1)
{
    /// <summary>4-bit rounding moves a score by 0.04 in the middle; a wrong token, edge or graph moves it by whole units.</summary>
    private const double LargestMedian = .5;

    /// <summary>Compares both models on the same series.</summary>
    /// <exception cref="InvalidOperationException">They answer differently: the export is wrong.</exception>
    public static Rounding Of(IReadOnlyList<ScoredSeries> trained, IReadOnlyList<ScoredSeries> rounded, SensorModel sensor)
    {
        double[] differences = [.. trained.Zip(rounded, (a, b) => a.Scores.Zip(b.Scores, (x, y) => Math.Abs(x - y))).SelectMany(d => d).Order()];
        var median = differences[differences.Length / 2];
        return median > LargestMedian
            ? throw new InvalidOperationException($"The exported model's scores differ from the trained model's by {median:0.00} in the middle.")
            : new Rounding(median, differences[(int)(.95 * (differences.Length - 1))], F1(trained, sensor), F1(rounded, sensor));
    }

    private static double F1(IEnumerable<ScoredSeries> series, SensorModel sensor) => SeriesScore.Sum(series.Select(s => s.Judged(sensor).At(sensor.Threshold))).F1;
}
