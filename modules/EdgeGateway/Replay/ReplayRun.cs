using EdgeGateway.Alerts;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.Replay;

/// <summary>An alert transition of a replay and the 0-based data row at which it was given.</summary>
internal readonly record struct ReplayedAlert(string File, int Row, Alert Alert);

/// <summary>What a replay of one file gave: the raised anomalies are what is scored.</summary>
internal sealed record ReplayResult(ReplayFile File, int Rows, IReadOnlyList<RaisedAnomaly> Raised);

/// <summary>Replays files; each is on its own, so the result does not depend on the order. Of a file only its raised anomalies stay in memory.</summary>
/// <param name="newModel">Makes the judge of one file, or null: the gate decides.</param>
/// <param name="sensor">What the model reads and answers.</param>
/// <param name="detection">How windows are judged; its threshold and least share of a kind come before those of the model.</param>
/// <param name="transition">Told every transition, of several files at a time.</param>
internal sealed class ReplayRun(Func<IVerdictModel?> newModel, SensorModel sensor, DetectionSettings detection, Action<ReplayedAlert>? transition = null)
{
    /// <summary>Where the readings and windows of all files went.</summary>
    public Accounting Accounting { get; } = new();

    /// <summary>Runs all files; results in their order.</summary>
    /// <param name="advanced">Told how many more bytes of the files have been read, of several files at a time.</param>
    /// <exception cref="FormatException">A file cannot be read, or its labels do not fit to it.</exception>
    public IReadOnlyList<ReplayResult> Run(IReadOnlyList<ReplayFile> files, Action<long> advanced) => ReplayFile.ForEach(files, file => Run(file, advanced));

    /// <summary>The stages behind Ingest for one file and judge.</summary>
    public static StageChain NewChain(GatewaySettings settings, SensorModel sensor, WindowJudge judge, Accounting accounting)
    {
        var windower = new Windower();
        windower.Observe(DateTimeOffset.MinValue);
        return new StageChain(
            windower, new PromptWriter(sensor), judge, new JudgingBudget(), settings.Detection.BudgetPercent ?? 100,
            new AlertRules(new AlertContent(settings.Gateway, sensor), settings.Detection, settings.Alerts, accounting));
    }

    private ReplayResult Run(ReplayFile file, Action<long> advanced)
    {
        using var series = RecordedSeries.Open(file.Path, file.Labels?.Columns);
        using var model = newModel();
        var (settings, judging) = (ReplaySettings.For(file.Name, series.Columns) with { Detection = detection }, sensor.Under(detection));
        var replay = new SeriesReplay(file.Name, series.Columns, settings, Accounting, NewChain(settings, judging, new WindowJudge(model, judging, Accounting), Accounting));
        List<RaisedAnomaly> raised = [];
        foreach (var row in series.Rows(advanced))
        {
            replay.Add(row, (_, alert) =>
            {
                transition?.Invoke(new ReplayedAlert(file.Name, replay.Rows, alert));
                raised.AddRange(RaisedAnomaly.Of(replay.Rows, alert));
            });
        }

        file.Labels?.CheckAgainst(file.Path, replay.Rows);
        return new ReplayResult(file, replay.Rows, raised);
    }
}
