using EdgeGateway.PhiTrain.Ablation;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Verdicts;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.PhiTrain;

/// <summary>What a simple learner sees in place of the model, and that it is judged as the model is. That shuffled labels teach nothing is tested by tools/phitrain/smoke.</summary>
public sealed class AblationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SensorModel sensor = SensorModel.Load(Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway", "models", "phi-sensor")) with { Threshold = 0 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_learner_on_digits_raises_the_alerts_that_the_gateway_raises_with_a_model_of_the_same_opinion(int sensors)
    {
        var recording = RandomRecording.Write(folder, sensors);
        var result = new ReplayRun(() => new DigitJudge(), sensor, DetectionSettings.Default).Run([new ReplayFile(recording.Path, recording.Name, recording.Labels)], _ => { })[0];
        var digits = RecordedDigits.Read(recording, sensor, new DigitChoice(32, Before: false));
        var judged = digits.Judged([.. digits.Windows.Select(w => DigitJudge.LogOdds(w.Digits))], sensor);
        Assert.True(result.Raised.Count > 5);
        Assert.Equal(result.Raised.Select(r => r.Row), judged.Alerts(sensor.Threshold));
    }

    [Fact]
    public void The_hop_before_is_that_of_the_same_sensor()
    {
        var windows = RecordedDigits.Read(RandomRecording.Write(folder, sensors: 2), sensor, new DigitChoice(32, Before: true)).Windows;
        Assert.All(Enumerable.Range(2, windows.Count - 2), i => Assert.Equal(windows[i - 2].Digits[..32], windows[i].Digits[32..]));
    }

    [Fact]
    public void The_hop_before_is_absent_at_the_begin_of_a_series_whatever_stands_before_it()
    {
        var windows = new TrainingWindows
        {
            Digits = [.. Enumerable.Repeat((byte)1, 32), .. Enumerable.Repeat((byte)2, 32), .. Enumerable.Repeat((byte)3, 32)],
            Classes = new WindowClass[3],
            Kinds = new byte[3],
            Events = [-1, -1, -1],
            Series = [0, 1, 1],
        };
        var choice = new DigitChoice(2, Before: true);
        Assert.Equal([2, 2, 10, 10], choice.Of(windows, 1));
        Assert.Equal([3, 3, 2, 2], choice.Of(windows, 2));
    }

    [Fact]
    public void Fewer_fields_are_the_first_ones() =>
        Assert.Equal([0, 1, 2], new DigitChoice(3, Before: false).Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)], []));

    [Fact]
    public void Shuffled_labels_are_the_same_labels_on_other_windows()
    {
        var windows = WindowFactory.ToDigits([RawSeries.Generate(3, 1)], [.. sensor.Fields.Select(f => f.Edges.ToArray())]);
        var shuffled = windows.WithShuffledLabels(new RandomStream(1, 1));
        Assert.Same(windows.Digits, shuffled.Digits);
        Assert.NotEqual(windows.Classes, shuffled.Classes);
        Assert.Equal(windows.Classes.Zip(windows.Events).Order(), shuffled.Classes.Zip(shuffled.Events).Order());
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Answers at random, but always the same to the same digits.</summary>
    private sealed class DigitJudge : IVerdictModel
    {
        public static double LogOdds(byte[] digits) => (digits.Aggregate(17u, (hash, digit) => (hash * 31) + digit) % 1009 / 250.0) - 1;

        public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
        {
            var digits = new byte[32];
            for (var field = 0; field < digits.Length; field++)
            {
                digits[field] = prompt[(2 * field) + 1] == '-' ? (byte)10 : (byte)(prompt[(2 * field) + 1] - '0');
            }

            probabilities.Clear();
            probabilities[0] = (float)(1 / (1 + Math.Exp(LogOdds(digits))));
            probabilities[1] = 1 - probabilities[0];
        }

        public void Dispose()
        {
        }
    }
}
