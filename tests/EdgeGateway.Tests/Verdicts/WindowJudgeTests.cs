using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Verdicts;

public sealed class WindowJudgeTests
{
    [Fact]
    public void Without_a_weight_of_the_gate_the_score_is_the_log_odds_of_the_model() => Assert.Equal(Math.Log(.4 / .6), Score(weight: 0, gate: 3), 1e-6);

    [Fact]
    public void The_gate_lifts_or_lowers_the_score_by_its_distance_from_its_own_threshold()
    {
        Assert.Equal(Math.Log(.4 / .6) + (2 * .7), Score(weight: 2, gate: 1.5), 1e-6);
        Assert.Equal(Math.Log(.4 / .6) - (2 * .8), Score(weight: 2, gate: 0), 1e-6);
    }

    [Fact]
    public void The_threshold_of_the_settings_comes_before_that_of_the_model()
    {
        var (model, prompt) = (Any.SensorModel(), new Prompt(Any.Window(Any.Sensor(), 1), ""));
        Assert.Equal(model.Threshold, new WindowJudge(new FixedModel(), model.Under(DetectionSettings.Default), new Accounting()).Judge(prompt, withinBudget: true).Threshold);
        Assert.Equal(-2, new WindowJudge(new FixedModel(), model.Under(DetectionSettings.Default with { Threshold = -2 }), new Accounting()).Judge(prompt, withinBudget: true).Threshold);
    }

    [Fact]
    public void The_gates_own_threshold_is_not_the_operators()
    {
        var judge = new WindowJudge(null, Any.SensorModel().Under(DetectionSettings.Default with { Threshold = -2 }), new Accounting());
        Assert.Equal(Gate.Threshold, judge.Judge(new Prompt(Any.Window(Any.Sensor(), 1), ""), withinBudget: true).Threshold);
    }

    [Fact]
    public void Of_an_asset_out_of_service_no_window_is_judged_and_each_is_accounted_for()
    {
        var accounting = new Accounting();
        foreach (var model in (IVerdictModel?[])[new FixedModel(), null])
        {
            var judge = new WindowJudge(model, Any.SensorModel(), accounting);
            foreach (var window in (WindowSummary[])[Any.Window(Any.Sensor(), 1), Any.Window(Any.Sensor(), 1, samples: 10)])
            {
                var verdict = judge.Judge(new Prompt(window with { InMaintenance = true }, ""), withinBudget: true);
                Assert.Equal((NotJudgedReason.Maintenance, false), (verdict.NotJudged, verdict.Anomalous));
            }
        }

        Assert.Equal((4, 4, 0), (accounting.Total("windows.closed"), accounting.Of("windows.not_judged", reason: "maintenance").Value, accounting.Total("windows.judged")));
    }

    private static double Score(double weight, double gate)
    {
        var judge = new WindowJudge(new FixedModel(), Any.SensorModel() with { GateWeight = weight }, new Accounting());
        return judge.Judge(new Prompt(Any.Window(Any.Sensor(), 1) with { GateScore = gate }, ""), withinBudget: true).Score;
    }

    private sealed class FixedModel : IVerdictModel
    {
        public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities) => new[] { .6f, .3f, .1f }.CopyTo(probabilities);

        public void Dispose()
        {
        }
    }
}
