using System.Collections.Immutable;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.Verdicts;

/// <summary>Who decides on a window.</summary>
public enum JudgeMode
{
    /// <summary>The model, within the budget; statistics when there is no model.</summary>
    Shipped,

    /// <summary>The model alone: on every window, whatever the budget, and without the gate's share in the score.</summary>
    Model,

    /// <summary>The gate's statistics alone.</summary>
    Gate,
}

/// <summary>
/// Prompt -> verdict. The score is log(sum of the kinds' probabilities / probability of normal), the log-odds that the window is not normal, and the gate's share
/// (<see cref="SensorModel.Score"/>). Not thread-safe.
/// </summary>
internal sealed class WindowJudge
{
    private readonly ModelHost models;
    private readonly SensorModel sensor;
    private readonly Accounting accounting;
    private DetectionSettings detection;
    private readonly float[] probabilities;
    private readonly int normal;
    private readonly Accounting.Counter closed;
    private readonly Accounting.Counter judged;

    /// <param name="model">Null: statistics decide.</param>
    public WindowJudge(IVerdictModel? model, SensorModel sensor, Accounting accounting)
        : this(new ModelHost(model, sensor), DetectionSettings.Default, accounting)
    {
    }

    /// <param name="models">What judges. The model in it stays the same as long as this judges, or goes.</param>
    /// <param name="detection">What an operator set in place of the model's own.</param>
    public WindowJudge(ModelHost models, DetectionSettings detection, Accounting accounting)
    {
        (this.models, this.detection, this.accounting, sensor) = (models, detection, accounting, models.Sensor);
        probabilities = new float[sensor.Labels.Length];
        normal = sensor.Labels.Select((l, i) => (l.Kind, i)).First(l => l.Kind == LabelSpec.Normal).i;
        closed = accounting.Of("windows.closed");
        judged = accounting.Of("windows.judged");
    }

    /// <summary>Kinds besides normal, in the order of <see cref="Verdict.Kinds"/>.</summary>
    public static ImmutableArray<string> KindsOf(SensorModel sensor) => [.. sensor.Labels.Select(l => l.Kind).Where(k => k != LabelSpec.Normal)];

    /// <summary>Told every verdict as it is made, on the judging thread, and so must not wait; null when nobody looks on.</summary>
    public Action<Prompt, Verdict>? Judged { get; set; }

    /// <summary>Judges under these settings from now on.</summary>
    public void Use(DetectionSettings other) => detection = other;

    /// <summary>Judges one window; <paramref name="withinBudget"/> says whether the model may be asked.</summary>
    public Verdict Judge(Prompt prompt, bool withinBudget)
    {
        var verdict = Decide(prompt, withinBudget);
        Judged?.Invoke(prompt, verdict);
        if (verdict is { By: { } by, NotJudged: null })
        {
            models.Tell(prompt, verdict, by.Adapter);
        }

        return verdict;
    }

    /// <summary>Whether the sensor is too young, or its window reaches back over a step of its clock.</summary>
    public bool IsWarming(WindowSummary window) => window.Samples < sensor.MinimumSamples || window.FreshSamples < WindowSummary.Length;

    private Verdict Decide(Prompt prompt, bool withinBudget)
    {
        closed.Add();
        var window = prompt.Window;
        if (window.InMaintenance)
        {
            return NotJudged(window, NotJudgedReason.Maintenance);
        }

        if (IsWarming(window))
        {
            return NotJudged(window, NotJudgedReason.Warming);
        }

        if (models.HasModel && !withinBudget)
        {
            return NotJudged(window, NotJudgedReason.Budget);
        }

        return models.Ask(prompt, probabilities) is { } by ? ByModel(prompt, by) : ByStatistics(window);
    }

    private Verdict ByModel(Prompt prompt, JudgeVersions by)
    {
        judged.Add();
        if (by.Adapter is null && prompt.Window.Sensor.Source.Adapter is not null)
        {
            accounting.Of("windows.adapter_missing", prompt.Window.Sensor.Source.Name).Add();
        }

        var kinds = ImmutableArray.CreateBuilder<float>(probabilities.Length - 1);
        var sum = 0.0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (i != normal)
            {
                kinds.Add(probabilities[i]);
                sum += probabilities[i];
            }
        }

        var score = by.Sensor.Score(Math.Log(Math.Max(sum, 1e-30) / Math.Max(probabilities[normal], 1e-30)), prompt.Window.GateScore);
        return new Verdict(prompt.Window, Verdicts.Judge.Model, score, ThresholdOf(by.Sensor), kinds.MoveToImmutable(), null) { By = by };
    }

    private Verdict ByStatistics(WindowSummary window)
    {
        accounting.Of("windows.not_judged", reason: "noModel").Add();
        return new Verdict(window, Verdicts.Judge.Statistics, window.GateScore, Gate.Threshold, [], NotJudgedReason.NoModel);
    }

    private Verdict NotJudged(WindowSummary window, NotJudgedReason reason)
    {
        accounting.Of("windows.not_judged", reason: NameOf(reason)).Add();
        var by = models.Of(window.Sensor.Source.Adapter);
        return new Verdict(window, Verdicts.Judge.Model, double.NaN, ThresholdOf(by?.Sensor ?? sensor), [], reason) { By = by };
    }

    private double ThresholdOf(SensorModel asked) => detection.Threshold ?? asked.Threshold;

    private static string NameOf(NotJudgedReason reason) => reason switch
    {
        NotJudgedReason.Warming => "warming",
        NotJudgedReason.Maintenance => "maintenance",
        _ => "budget",
    };
}
