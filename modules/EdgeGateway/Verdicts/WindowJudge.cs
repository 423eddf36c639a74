using System.Collections.Immutable;
using EdgeGateway.Prompts;
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
    private readonly IVerdictModel? model;
    private SensorModel sensor;
    private readonly Accounting accounting;
    private readonly float[] probabilities;
    private readonly int normal;
    private readonly Accounting.Counter closed;
    private readonly Accounting.Counter judged;

    /// <param name="model">Null: statistics decide.</param>
    public WindowJudge(IVerdictModel? model, SensorModel sensor, Accounting accounting)
    {
        (this.model, this.sensor, this.accounting) = (model, sensor, accounting);
        probabilities = new float[sensor.Labels.Length];
        normal = sensor.Labels.Select((l, i) => (l.Kind, i)).First(l => l.Kind == LabelSpec.Normal).i;
        closed = accounting.Of("windows.closed");
        judged = accounting.Of("windows.judged");
    }

    /// <summary>Kinds besides normal, in the order of <see cref="Verdict.Kinds"/>.</summary>
    public static ImmutableArray<string> KindsOf(SensorModel sensor) => [.. sensor.Labels.Select(l => l.Kind).Where(k => k != LabelSpec.Normal)];

    /// <summary>Told every verdict as it is made, on the judging thread, and so must not wait; null when nobody looks on.</summary>
    public Action<Prompt, Verdict>? Judged { get; set; }

    /// <summary>Judges by this from now on: the same model under other settings.</summary>
    public void Use(SensorModel other) => sensor = other;

    /// <summary>Judges one window; <paramref name="withinBudget"/> says whether the model may be asked.</summary>
    public Verdict Judge(Prompt prompt, bool withinBudget)
    {
        var verdict = Decide(prompt, withinBudget);
        Judged?.Invoke(prompt, verdict);
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

        if (model is null)
        {
            accounting.Of("windows.not_judged", reason: "noModel").Add();
            return new Verdict(window, Verdicts.Judge.Statistics, window.GateScore, Gate.Threshold, [], NotJudgedReason.NoModel);
        }

        return withinBudget ? AskModel(prompt) : NotJudged(window, NotJudgedReason.Budget);
    }

    private Verdict AskModel(Prompt prompt)
    {
        model!.Judge(prompt.Text, probabilities);
        judged.Add();
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

        var score = sensor.Score(Math.Log(Math.Max(sum, 1e-30) / Math.Max(probabilities[normal], 1e-30)), prompt.Window.GateScore);
        return new Verdict(prompt.Window, Verdicts.Judge.Model, score, sensor.Threshold, kinds.MoveToImmutable(), null);
    }

    private Verdict NotJudged(WindowSummary window, NotJudgedReason reason)
    {
        accounting.Of("windows.not_judged", reason: NameOf(reason)).Add();
        return new Verdict(window, Verdicts.Judge.Model, double.NaN, sensor.Threshold, [], reason);
    }

    private static string NameOf(NotJudgedReason reason) => reason switch
    {
        NotJudgedReason.Warming => "warming",
        NotJudgedReason.Maintenance => "maintenance",
        _ => "budget",
    };
}
