using EdgeGateway.PhiTrain.Adapters;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.PhiTrain;

/// <summary>What phitrain counts on: the gateway's alert rule over scores, the calibration, the comparison of base and adapter.</summary>
public sealed class AdapterProofTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Alerts_over_kept_scores_are_those_that_the_gateway_raises(int sensors)
    {
        var recording = RandomRecording.Write(folder, sensors);
        var sensor = SensorModel.Load(Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway", "models", "phi-sensor")) with { Threshold = -1 };
        var result = new ReplayRun(() => new AnyJudge(), sensor, DetectionSettings.Default).Run([new ReplayFile(recording.Path, recording.Name, recording.Labels)], _ => { })[0];
        var (windows, writer) = (new RecordedWindows(recording), new PromptWriter(sensor));
        var scored = windows.Read().Where(w => w.Window.Samples >= sensor.MinimumSamples).Select(w => (w.Row, sensor.Score(Math.Log((1.0 - AnyJudge.Normal(writer.Write(w.Window).Text)) / AnyJudge.Normal(writer.Write(w.Window).Text)), w.Window.GateScore))).ToArray();
        var series = AlertSeries.Of(recording.Labels, windows.Rows, scored);
        Assert.True(result.Raised.Count > 5);
        Assert.Equal(result.Raised.Select(r => r.Row), series.Alerts(sensor.Threshold));
    }

    [Fact]
    public void The_calibration_is_the_map_that_the_classes_were_drawn_by()
    {
        var random = new Random(1);
        var drawn = Enumerable.Range(0, 20_000).Select(_ => (random.NextDouble() * 12) - 8).Select(score => (score, random.NextDouble() < 1 / (1 + Math.Exp(-((1.5 * score) + 2))))).ToArray();
        var fit = LogisticFit.Of(drawn);
        Assert.InRange(fit.Slope, 1.4, 1.6);
        Assert.InRange(fit.Offset, 1.8, 2.2);
    }

    [Fact]
    public void The_calibration_of_classes_that_are_parted_entirely_is_finite()
    {
        var fit = LogisticFit.Of([.. Enumerable.Range(0, 100).Select(i => (i < 50 ? -20.0 : 20.0, i >= 50))]);
        Assert.InRange(fit.Probability(20), .99, 1);
        Assert.InRange(fit.Probability(-20), 0, .01);
    }

    [Fact]
    public void Judges_that_are_alike_gain_nothing_and_a_better_one_gains_beyond_chance()
    {
        var (good, bad) = (new SeriesScore(4, 4, 4, 0, 6000, 1, []), new SeriesScore(4, 1, 7, 6, 6000, 1, []));
        Assert.Equal(new Interval(0, 0), new Comparison([.. Enumerable.Range(0, 6).Select(_ => Judged(bad, bad))], [1]).Gain());
        var better = new Comparison([.. Enumerable.Range(0, 6).Select(_ => Judged(bad, good))], [1]);
        Assert.True(better.Gain().Low > .5);
        Assert.Equal((1, .25), (better.After, better.Sets[0].Before.Recall));
    }

    [Fact]
    public void False_alarms_count_per_day_of_each_sensor()
    {
        var day = new SeriesScore(1, 1, 3, 2, 1440, 2, []);
        Assert.Equal(1, new Comparison([Judged(day, day, "a", "b")], [1]).Sets[0].Before.FalsePerSensorDay, 9);
    }

    public void Dispose() => folder.Dispose();

    private static JudgedSeries Judged(SeriesScore before, SeriesScore after, params string[] columns) =>
        new(new LabelledRecording("f", "f", new SeriesLabels([.. columns.DefaultIfEmpty("v")], [], "s", 60, 300)), before, after);

    /// <summary>Answers at random, but always the same to the same prompt; every third window or so is anomalous.</summary>
    private sealed class AnyJudge : IVerdictModel
    {
        public static float Normal(ReadOnlySpan<char> prompt)
        {
            var hash = 17u;
            foreach (var character in prompt)
            {
                hash = (hash * 31) + character;
            }

            return .1f + (.8f * (hash % 1009 / 1009f));
        }

        public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
        {
            probabilities.Clear();
            probabilities[0] = Normal(prompt);
            probabilities[1] = 1 - probabilities[0];
        }

        public void Dispose()
        {
        }
    }
}
