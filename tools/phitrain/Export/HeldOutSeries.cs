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
    /// <summary>Series that watch the training; all are too many for that.</summary>
    private const int Watching = 20;

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

    /// <summary>The first of the series, to watch a training with.</summary>
    public Validation Validation() => new(series[..Math.Min(Watching, series.Length)], SensorModelWriter.Describe(data.Edges, 0), data.Edges);

    /// <summary>Scores of all series by the trained model in float.</summary>
    public ScoredSeries[] Score(Student student)
    {
        var scored = new ScoredSeries[series.Length];
        var (part, done) = (log.Start("held-out series judged in float:", series.Length), 0);
        Parallel.For(0, series.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            scored[i] = new Validation([series[i]], SensorModelWriter.Describe(data.Edges, 0), data.Edges).ScoreWindows(student)[0];
            part.Report(Interlocked.Increment(ref done));
        });
        return scored;
    }

    /// <summary>Scores of all series by this judge, which gives one for each window of a series.</summary>
    public ScoredSeries[] Score(Func<RawSeries, double[]> judge) => [.. series.Select(s => new ScoredSeries(s, judge(s)))];

    private static RawSeries[] Generate(WindowFile data, int count, ProgressLog log)
    {
        var part = log.Start("held-out series", count);
        var series = WindowFactory.Generate(data.Seed, data.Generated, count, done => part.Report(done));
        var trained = data.Origins.Select(o => o.Hash).ToHashSet();
        return Array.Exists(series, s => trained.Contains(s.Origin!.Hash)) ? throw new InvalidDataException("A held-out series was trained on; make the windows again with another --seed.")
            : series.Take(Watching).All(s => s.Faults.Length == 0) ? throw new InvalidDataException("The held-out series have no fault; take more of them with --held-out.")
            : series;
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

    /// <summary>The score of each judged window with the gate's share, and whether it touches a fault; windows soon behind one are left out.</summary>
    /// <param name="sensor">How score and gate are put together.</param>
    public IEnumerable<(double Score, bool Anomalous)> Classified(SensorModel sensor) =>
        from window in Enumerable.Range(0, Scores.Length)
        where Series.Classes[window] != WindowClass.Ignored
        select (sensor.Score(Scores[window], Series.GateScore(window)), Series.Classes[window] == WindowClass.Candidate);

    /// <summary>The same for the alert rule, with the gate's share; windows of the warm-up are not judged.</summary>
    /// <param name="sensor">How score and gate are put together.</param>
    public AlertSeries Judged(SensorModel sensor) => new(
        new SeriesLabels([""], [.. Series.Faults.Select(f => ImmutableArray.Create(f.First, f.Last))], "", 1, WarmUp), Series.Samples, Series.Ends,
        [.. Scores.Select((score, i) => Series.Ends[i] < WarmUp ? double.NaN : sensor.Score(score, Series.GateScore(i)))]);
}
