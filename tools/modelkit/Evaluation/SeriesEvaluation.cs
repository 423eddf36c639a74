using EdgeGateway.Alerts;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.ModelKit.Evaluation;

/// <summary>One pass over one recording with all judges: four control charts on its samples, and the gateway's stages with the gate, the model, and what is shipped.</summary>
internal sealed class SeriesEvaluation : IDisposable
{
    /// <summary>Set of recordings without labels.</summary>
    public const string NoLabels = "without labels";

    /// <summary>The judge whose alerts a gateway sends.</summary>
    public const string Shipped = "shipped";

    /// <summary>The gateway's statistics alone, under the same alert rule.</summary>
    public const string Gate = "gate";

    /// <summary>The model on every window.</summary>
    public const string Model = "model";

    // null: the budget of the settings
    private static readonly (string Name, JudgeMode Mode, int? BudgetPercent)[] WindowJudges =
        [(Gate, JudgeMode.Gate, 100), (Model, JudgeMode.Model, 100), (Shipped, JudgeMode.Shipped, null), ($"{Shipped} at 10 %", JudgeMode.Shipped, 10)];

    private static readonly int ShippedOfWindows = Array.FindIndex(WindowJudges, judge => judge.Name == Shipped);

    private readonly ReplayFile file;
    private readonly SensorModel sensor;
    private readonly RecordedSeries recording;
    private readonly RememberingModel model;
    private readonly SeriesReplay replay;
    private readonly (ControlChart[] Sensors, List<int> Rows)[] charts;
    private readonly (List<RaisedAnomaly> Raised, long Judged, long Bytes)[] given = [.. WindowJudges.Select(_ => (new List<RaisedAnomaly>(), 0L, 0L))];
    private readonly Reliability reliability = new();
    private readonly IReadOnlyList<(int First, int Last)> touching;
    private readonly StepEstimate step = new();
    private readonly int warmup;
    private long windows;

    private SeriesEvaluation(ReplayFile file, SensorModel sensor, DetectionSettings detection, Func<IVerdictModel> newModel)
    {
        (this.file, this.sensor) = (file, sensor.Under(detection));
        recording = RecordedSeries.Open(file.Path, file.Labels?.Columns);
        model = new RememberingModel(newModel());
        warmup = file.Labels?.Warmup ?? sensor.MinimumSamples;
        touching = file.Labels is { } labels ? Scoring.Touching(labels) : [];
        charts = [.. ControlChart.All.Select(chart => (recording.Columns.Select(_ => chart.New()).ToArray(), new List<int>()))];
        var settings = ReplaySettings.For(file.Name, recording.Columns) with { Detection = detection };
        replay = new SeriesReplay(file.Name, recording.Columns, settings, new Accounting(), [.. WindowJudges.Select((_, judge) => NewChain(judge, settings))]);
    }

    /// <summary>Names of the judges.</summary>
    public static IReadOnlyList<string> Judges { get; } = [.. ControlChart.All.Select(chart => chart.Name), .. WindowJudges.Select(judge => judge.Name)];

    /// <summary>Place of what is shipped among the judges.</summary>
    public static int ShippedPlace => ControlChart.All.Count + ShippedOfWindows;

    /// <summary>Place of the gate among the judges.</summary>
    public static int GatePlace => ControlChart.All.Count;

    /// <summary>Evaluates one recording; only alerts stay in memory.</summary>
    /// <exception cref="FormatException">It cannot be read, or its labels do not fit to it.</exception>
    /// <param name="trained">What the model and its adapter were trained on.</param>
    /// <exception cref="InvalidDataException">The model or the adapter was trained on it.</exception>
    public static EvaluatedSeries Run(ReplayFile file, SensorModel sensor, DetectionSettings detection, Func<IVerdictModel> newModel, IReadOnlyList<TrainingRecord> trained, Action<long> advanced)
    {
        using var evaluation = new SeriesEvaluation(file, sensor, detection, newModel);
        using var hash = new SeriesHash();
        foreach (var row in evaluation.recording.Rows(advanced))
        {
            hash.Add(row.Time.ToUnixTimeMilliseconds() / 1000.0, row.Values);
            evaluation.Add(row);
        }

        var name = hash.Finish();
        foreach (var record in trained)
        {
            record.RefuseTrained(file.Path, name);
        }

        file.Labels?.CheckAgainst(file.Path, evaluation.replay.Rows);
        return evaluation.Result();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        recording.Dispose();
        model.Dispose();
    }

    private StageChain NewChain(int place, GatewaySettings settings)
    {
        var (_, mode, budgetPercent) = WindowJudges[place];
        var judge = new WindowJudge(mode == JudgeMode.Gate ? null : model, mode == JudgeMode.Model ? sensor.WithoutGate : sensor, new Accounting()) { Judged = (_, verdict) => Look(place, verdict) };
        return ReplayRun.NewChain(settings with { Detection = settings.Detection with { BudgetPercent = budgetPercent ?? settings.Detection.BudgetPercent } }, sensor, judge, new Accounting());
    }

    private void Add(in RecordedRow row)
    {
        foreach (var (sensors, rows) in charts)
        {
            var alerts = false;
            for (var i = 0; i < sensors.Length; i++)
            {
                alerts |= sensors[i].Alerts(row.Values[i]);
            }

            // alerts within a window of one that counts do not count: a chart that alerts all the time must not fill the memory
            if (alerts && replay.Rows >= warmup && (rows.Count == 0 || replay.Rows - rows[^1] >= Scoring.Window))
            {
                rows.Add(replay.Rows);
            }
        }

        step.Add(row.Time);
        replay.Add(row, Take);
    }

    private void Take(int judge, Alert alert)
    {
        ref var taken = ref given[judge];
        taken.Bytes += AlertJson.Write(alert, ReplaySettings.Gateway).Length;
        taken.Raised.AddRange(RaisedAnomaly.Of(replay.Rows, alert));
    }

    private void Look(int judge, Verdict verdict)
    {
        given[judge].Judged += verdict.NotJudged is null ? 1 : 0;
        if (judge != ShippedOfWindows)
        {
            return;
        }

        windows++;
        if (verdict.NotJudged is null && file.Labels is not null && replay.Rows >= warmup)
        {
            reliability.Add(sensor.Calibration.Probability(verdict.Score), touching.Any(t => replay.Rows >= t.First && replay.Rows <= t.Last));
        }
    }

    private EvaluatedSeries Result()
    {
        var labels = file.Labels ?? new SeriesLabels([.. recording.Columns], [], NoLabels, step.Step.TotalSeconds, warmup);
        return new EvaluatedSeries(
            file,
            labels,
            replay.Rows,
            windows,
            replay.PayloadBytes,
            [
                .. charts.Select(chart => new JudgedSeries(Scoring.Score(labels, replay.Rows, chart.Rows), [], null, null)),
                .. given.Select((judge, i) => new JudgedSeries(
                    Scoring.Score(labels, replay.Rows, judge.Raised.Select(r => r.Row)), judge.Raised, WindowJudges[i].Mode == JudgeMode.Gate ? null : judge.Judged, judge.Bytes)),
            ],
            reliability,
            [.. Kinds(labels, given[ShippedOfWindows].Raised)],
            model.Verdicts,
            model.Took);
    }

    private static IEnumerable<(string Labelled, string Named)> Kinds(SeriesLabels labels, List<RaisedAnomaly> raised)
    {
        for (var i = 0; i < (labels.Kinds.IsDefault ? 0 : labels.Events.Length); i++)
        {
            var (first, last) = (labels.Events[i][0], labels.Events[i][1]);
            var alert = raised.FindIndex(r => r.Row >= first && r.Row <= last + Scoring.Window - 1);
            if (first >= labels.Warmup && alert >= 0)
            {
                yield return (labels.Kinds[i], raised[alert].Kind);
            }
        }
    }
}
