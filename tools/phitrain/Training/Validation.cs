using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>Scores a student in float on held-out series, by the gateway's alert rule at the threshold that suits it best.</summary>
/// <param name="sensor">How its score and the gate are put together.</param>
/// <param name="edges">Level edges of the training.</param>
internal sealed class Validation(IReadOnlyList<RawSeries> series, SensorModel sensor, double[][] edges)
{
    private readonly TrainingWindows windows = WindowFactory.ToDigits([.. series], edges);

    /// <summary>What the student would find.</summary>
    public SeriesScore Score(Student student) => ThresholdChoice.Choose([.. ScoreWindows(student).Select(s => s.Judged(sensor))]).Score;

    /// <summary>Its log-odds of "not normal" for each window of each series.</summary>
    public IReadOnlyList<ScoredSeries> ScoreWindows(Student student)
    {
        var scores = Scorer.Score(student, windows, [.. Enumerable.Range(0, windows.Count)]);
        var at = 0;
        return [.. series.Select(s => new ScoredSeries(s, [.. scores.AsSpan((at += s.Ends.Length) - s.Ends.Length, s.Ends.Length).ToArray().Select(v => (double)v)]))];
    }
}
