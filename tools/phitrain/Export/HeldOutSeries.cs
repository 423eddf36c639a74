using System.Collections.Immutable;
using EdgeGateway.Phi;
using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Training;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.PhiTrain.Export;

/// <summary>Generated series behind those that were trained on, judged by the exported model in the gateway's own engine.</summary>
internal sealed class HeldOutSeries(WindowFile data, int count, ProgressLog log)
{
    /// <summary>4-bit rounding moves a score by 0.04 in the middle; a wrong token, edge or graph moves it by whole units.</summary>
    private const double LargestMedianDifference = .5;

    private readonly RawSeries[] series = Generate(data, count, log);

    /// <summary>Scores of all series by the model in this folder.</summary>
    public ScoredSeries[] Score(string folder, SensorModel sensor)
    {
        using var model = PhiModel.Load(folder, new PhiModelOptions());
        var writer = new PromptWriter(sensor);
        var scored = new ScoredSeries[series.Length];
        var (part, done) = (log.Start("held-out series judged:", series.Length), 0);
        Parallel.For(0, series.Length, () => new PhiVerdictModel(model, sensor), (i, _, judge) =>
        {
            scored[i] = new ScoredSeries(series[i], Score(series[i], writer, judge, sensor.Labels.Length));
            part.Report(Interlocked.Increment(ref done));
            return judge;
        }, judge => judge.Dispose());
        return scored;
    }

    /// <summary>Checks that the exported model answers as the trained one does, on the first series.</summary>
    /// <exception cref="InvalidOperationException">It does not: the export is wrong.</exception>
    public double CompareWith(Student student, ScoredSeries exported)
    {
        var windows = WindowFactory.ToDigits([exported.Series], data.Edges);
        var exact = Scorer.Score(student, windows, [.. Enumerable.Range(0, windows.Count)], log.Start("compared window", windows.Count));
        var median = exact.Zip(exported.Scores, (a, b) => Math.Abs(a - b)).Order().ElementAt(exact.Length / 2);
        return median <= LargestMedianDifference ? median
            : throw new InvalidOperationException($"The exported model's scores differ from the trained model's by {median:0.00} in the middle.");
    }

    private static RawSeries[] Generate(WindowFile data, int count, ProgressLog log)
    {
        var part = log.Start("held-out series", count);
        return WindowFactory.Generate(data.Seed, data.Series, count, done => part.Report(done));
    }

    private static double[] Score(RawSeries series, PromptWriter writer, PhiVerdictModel judge, int labels)
    {
        var (text, fields, probabilities) = (new char[writer.Length], new double[SensorFields.Count], new float[labels]);
        var scores = new double[series.Ends.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            for (var field = 0; field < SensorFields.Count; field++)
            {
                fields[field] = series.Fields[(i * SensorFields.Count) + field];
            }

            writer.Write(fields, text);
            judge.Judge(text, probabilities);
            scores[i] = Math.Log((1 - probabilities[0]) / probabilities[0]);
        }

        return scores;
    }
}

/// <summary>A series and the model's log-odds of "not normal" for each of its windows.</summary>
internal sealed record ScoredSeries(RawSeries Series, double[] Scores)
{
    private const int WarmUp = 300;

    /// <summary>The same for the alert rule; windows of the warm-up are not judged.</summary>
    public AlertSeries Judged => new(
        new SeriesLabels([""], [.. Series.Faults.Select(f => ImmutableArray.Create(f.First, f.Last))], "", 1, WarmUp), Series.Samples, Series.Ends,
        [.. Scores.Zip(Series.Ends, (score, end) => end < WarmUp ? double.NaN : score)]);
}
