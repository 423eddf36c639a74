using System.Text.Json.Nodes;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.Alerts;

/// <summary>Adapters have scales of their own: what that means for the sensors of an asset, and for one that changes from one to another.</summary>
public class AdaptedAlertsTests
{
    private static readonly SensorModel Sensor = Any.SensorModel();
    private static readonly JudgeVersions Alone = new("test-model 2", null, null, Sensor);
    private static readonly JudgeVersions Pumps = new("test-model 2", "pumps", "pumps 3", Sensor with { Threshold = 10, Calibration = new ScoreCalibration(1, -10) });

    private readonly Sensor one = Any.Sensor("p/1", "p");
    private readonly Sensor two = Any.Sensor("p/2", "p");
    private readonly List<Alert> transitions = [];
    private readonly AlertRules rules = new(new AlertContent("north-3", Sensor), DetectionSettings.Default, new AlertSettings(default, MaxPerHour: 60), new Accounting());

    [Fact]
    public void An_alert_says_which_adapter_judged_and_its_confidence_is_that_of_the_adapter()
    {
        Add(one, 0, Pumps, 12);
        Add(one, 1, Pumps, 12);
        var raised = Assert.Single(transitions);
        Assert.Equal([new("model", "test-model 2"), new("adapter", "pumps 3"), new("prompt", "1")], raised.Versions);
        Assert.Equal(1 / (1 + Math.Exp(-2)), raised.Confidence, 1e-9);
        Assert.Equal([12, 10], raised.Evidence.Take(2).Select(e => e.Value));
    }

    [Fact]
    public void The_model_alone_names_no_adapter()
    {
        Add(one, 0, Alone, 2);
        Add(one, 1, Alone, 2);
        Assert.Equal([new("model", "test-model 2"), new("prompt", "1")], Assert.Single(transitions).Versions);
    }

    [Fact]
    public void A_raise_comes_with_the_explanation_of_its_leading_sensor_and_the_end_without()
    {
        for (var hop = 0; hop < 20; hop++)
        {
            Add(one, hop, Alone, -3, last: false);
            Add(two, hop, Alone, hop < 2 ? 9 : -3);
        }

        Assert.Equal([Transition.Raised, Transition.Cleared], transitions.Select(t => t.Transition));
        var why = JsonNode.Parse(transitions[0].Explanation.Span)!;
        Assert.Equal(("p/2", true, 9.0), ((string?)why["sensor"], (bool)why["anomalous"]!, (double)why["score"]!));
        Assert.StartsWith(Sensor.Prefix, (string?)why["prompt"], StringComparison.Ordinal);
        Assert.True(transitions[1].Explanation.IsEmpty);
    }

    [Fact]
    public void Each_sensor_of_an_asset_is_held_against_the_threshold_of_who_judges_it()
    {
        for (var hop = 0; hop < 4; hop++)
        {
            Add(one, hop, Pumps, 9, last: false); // high for the model alone, not for its adapter
            Add(two, hop, Alone, 0);
        }

        Assert.Empty(transitions);
        for (var hop = 4; hop < 6; hop++)
        {
            Add(one, hop, Pumps, 9, last: false);
            Add(two, hop, Alone, 2);
        }

        var raised = Assert.Single(transitions);
        Assert.Equal(["p/2", "p/1"], raised.Sensors);
        Assert.DoesNotContain(raised.Versions, version => version.Key == "adapter");
    }

    [Fact]
    public void Windows_from_before_another_judge_stay_as_far_from_the_threshold_as_they_were()
    {
        Add(one, 0, Pumps, 8);
        Add(one, 1, Pumps, 8);
        Add(one, 2, Alone, 2); // alone above: 8 is far above the threshold of the model alone, but was below that of the adapter
        Assert.Empty(transitions);
        Add(one, 3, Alone, 2);
        Assert.Single(transitions);
    }

    [Fact]
    public void Windows_from_before_another_threshold_of_the_settings_are_held_against_that()
    {
        Add(one, 0, Alone, 2, threshold: 3);
        Add(one, 1, Alone, 2, threshold: 3);
        Assert.Empty(transitions);
        Add(one, 2, Alone, 2, threshold: 1);
        Assert.Single(transitions);
    }

    private void Add(Sensor sensor, int hop, JudgeVersions by, double score, bool last = true, double? threshold = null)
    {
        var verdict = Any.Verdict(sensor, hop, score) with { By = by, Threshold = threshold ?? by.Sensor.Threshold };
        rules.Add(verdict with { Window = verdict.Window with { CompletesAsset = last } }, transitions);
    }
}
