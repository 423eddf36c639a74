using EdgeGateway.Prompts;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;

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
