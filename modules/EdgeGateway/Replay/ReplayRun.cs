using System.Collections.Concurrent;
using EdgeGateway.Alerts;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.Replay;

/// <summary>One file to replay.</summary>
/// <param name="Name">As it stands in the labels and in the output.</param>
/// <param name="Labels">Null when nothing is known of it.</param>
internal sealed record ReplayFile(string Path, string Name, SeriesLabels? Labels);

/// <summary>What a replay of one file gave.</summary>
internal sealed record ReplayResult(ReplayFile File, int Rows, IReadOnlyList<ReplayedAlert> Transitions)
{
    /// <summary>The raised anomalies: what is scored.</summary>
    public IEnumerable<ReplayedAlert> RaisedAnomalies => Transitions.Where(t => t.Alert is { Transition: Transition.Raised, Family: Family.Anomaly });
}

/// <summary>Replays files, as many at once as there are cores; each file is on its own, so the result does not depend on the order.</summary>
/// <param name="newModel">Makes the judge of one file, or null: the gate decides.</param>
/// <param name="budgetPercent">Share of the windows that the model judges.</param>
internal sealed class ReplayRun(Func<IVerdictModel?> newModel, SensorModel sensor, int budgetPercent)
{
    /// <summary>Where the readings and windows of all files went.</summary>
    public Accounting Accounting { get; } = new();

    /// <summary>Runs all files; results in their order.</summary>
    /// <exception cref="FormatException">A file cannot be read.</exception>
    public IReadOnlyList<ReplayResult> Run(IReadOnlyList<ReplayFile> files, Action<ReplayResult> done)
    {
        var results = new ReplayResult[files.Count];
        Parallel.ForEach(
            Partitioner.Create(Enumerable.Range(0, files.Count), EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            index =>
            {
                results[index] = Run(files[index]);
                done(results[index]);
            });
        return results;
    }

    private ReplayResult Run(ReplayFile file)
    {
        var series = RecordedSeries.Read(file.Path, file.Labels?.Columns);
        var settings = ReplaySettings.For(file.Name, series.Columns);
        using var judge = newModel();
        var windower = new Windower();
        windower.Observe(DateTimeOffset.MinValue);
        var chain = new StageChain(
            windower, new PromptWriter(sensor), new WindowJudge(judge, sensor, Accounting), new JudgingBudget(), budgetPercent,
            new AlertRules(new AlertContent(settings.Gateway, sensor), settings.Alerts));
        return new ReplayResult(file, series.Rows.Count, [.. new SeriesReplay(file.Name, settings, Accounting, chain).Run(series)]);
    }
}
