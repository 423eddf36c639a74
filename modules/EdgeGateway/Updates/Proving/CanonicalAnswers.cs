using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Updates.Proving;

/// <summary>A model as it judges, or the statistics where it is null.</summary>
/// <param name="Sensor">What it reads and answers; of an adapter, the base's with the adapter's threshold and calibration.</param>
internal sealed record JudgedModel(IVerdictModel? Model, SensorModel Sensor);

/// <summary>What one model says of the first canonical windows, in their order. Kept, a model need not be in memory together with the one that it is compared with.</summary>
/// <param name="LogOdds">Of "not normal", without the gate's share; of the statistics, the gate score.</param>
/// <param name="Anomalous">Above the threshold, with the gate's share: what would count towards an alert.</param>
internal sealed record CanonicalAnswers(ImmutableArray<double> LogOdds, ImmutableArray<bool> Anomalous)
{
    private static readonly Sensor Nobody = new() { Id = "canonical", Asset = "canonical", ValueName = "", Topic = "canonical", Source = ReplaySettings.For("canonical", ["value"]).Sources[0] };

    /// <summary>What the model is called in sentences.</summary>
    public string By { get; init; } = "the running model";

    /// <summary>How many windows were judged.</summary>
    public int Count => LogOdds.Length;

    /// <summary>Lets the model judge the windows, by the code that judges live ones.</summary>
    /// <param name="goesOn">Asked after every window with how many are judged; false: these are enough. At least one is judged.</param>
    public static CanonicalAnswers Of(JudgedModel judged, CanonicalWindows windows, Func<int, bool> goesOn, CancellationToken token)
    {
        var judge = new WindowJudge(judged.Model, judged.Sensor.WithoutGate, new Accounting());
        var writer = new PromptWriter(judged.Sensor);
        var (odds, anomalous) = (ImmutableArray.CreateBuilder<double>(windows.All.Length), ImmutableArray.CreateBuilder<bool>(windows.All.Length));
        foreach (var window in windows.All)
        {
            token.ThrowIfCancellationRequested();
            var verdict = judge.Judge(writer.Write(Summary(window.Fields)), withinBudget: true);
            odds.Add(verdict.Score);
            anomalous.Add(judged.Model is null ? verdict.Anomalous : judged.Sensor.Score(verdict.Score, verdict.Window.GateScore) > verdict.Threshold);
            if (!goesOn(odds.Count))
            {
                break;
            }
        }

        return new CanonicalAnswers(odds.DrainToImmutable(), anomalous.DrainToImmutable());
    }

    /// <summary>Those to the first windows.</summary>
    /// <param name="count">At most as many as there are.</param>
    public CanonicalAnswers First(int count) => this with { LogOdds = LogOdds[..count], Anomalous = Anomalous[..count] };

    /// <summary>As if a sensor had shown it that is old enough for any model.</summary>
    private static WindowSummary Summary(ImmutableArray<double> fields) => new(
        Nobody, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, long.MaxValue, fields, Gate.Score(fields.AsSpan()), new WindowEvidence(), "", CompletesAsset: true, long.MaxValue);
}
