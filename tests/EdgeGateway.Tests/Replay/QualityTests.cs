using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EdgeGateway.Commands;
using EdgeGateway.Models;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Verdicts;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.Replay;

/// <summary>
/// Detection quality over our own committed recordings (tests/recordings: synthetic series with faults, of a seed that the model was not trained on).
/// </summary>
public sealed class QualityTests : IDisposable
{
    /// <summary>Reached when the model was made: 0.587 as shipped, 0.608 by the model alone, 0.447 by the gate.</summary>
    private const double Floor = 0.55;

    private const ulong Seed = 20261124;
    private const int Recordings = 12;
    private static readonly string Folder = Path.Combine(SharedFolder.RepositoryRoot, "tests", "recordings");
    private readonly SensorModel sensor = SensorModel.Load(LoadedModel.BuiltIn);
    private readonly PhiModel model = PhiModel.Load(LoadedModel.BuiltIn, new PhiModelOptions());

    public void Dispose() => model.Dispose();

    [Fact]
    public void The_built_in_model_finds_the_faults_of_the_committed_recordings() => Assert.InRange(F1(Shipped), Floor, 1);

    [Fact]
    public void The_model_is_no_decoration()
    {
        var gate = F1(() => null);
        Assert.InRange(gate, 0, F1(Shipped));
        Assert.InRange(F1(() => new ConstantModel(sensor, 0)), 0, gate);
        Assert.InRange(F1(() => new ConstantModel(sensor, 1)), 0, gate);
        var shuffled = sensor with { Labels = [.. sensor.Labels.Select((label, i) => label with { Token = sensor.Labels[(i + 1) % sensor.Labels.Length].Token })] };
        Assert.InRange(F1(() => new PhiVerdictModel(model, shuffled)), 0, gate);
    }

    [Fact]
    public void Two_replays_give_the_same_alerts_byte_for_byte() => Assert.Equal(Files().SelectMany(Transitions), Files().SelectMany(Transitions));

    [Fact]
    public void Of_a_recording_that_is_cut_off_the_alerts_before_the_cut_are_the_same()
    {
        var cut = Directory.CreateTempSubdirectory("edgegateway-cut-");
        foreach (var file in Files().Take(4))
        {
            var lines = File.ReadAllLines(file.Path);
            var rows = lines.Length * 2 / 3;
            var shorter = file with { Path = Path.Combine(cut.FullName, file.Name) };
            File.WriteAllLines(shorter.Path, lines.Take(1 + rows));
            Assert.Equal(Transitions(file).Where(t => t.Row < rows), Transitions(shorter with { Labels = null }));
        }

        cut.Delete(recursive: true);
    }

    /// <summary>Writes the recordings; run by hand when their form changes.</summary>
    [Fact(Explicit = true)]
    public void Write_the_recordings()
    {
        Directory.CreateDirectory(Folder);
        Dictionary<string, object> labels = [];
        for (var index = 0; index < Recordings; index++)
        {
            var series = SyntheticSeries.Generate(Seed, index);
            var (name, step) = ($"{index:00}.csv", series.Seconds[1] - series.Seconds[0]);
            File.WriteAllLines(Path.Combine(Folder, name), series.Values.Select((v, i) => Row(series.Seconds[i], v)).Prepend("timestamp,v"));
            labels[name] = new { columns = new[] { "v" }, events = series.Faults.Select(f => new[] { f.First, f.Last }), kinds = series.Faults.Select(f => f.Kind.ToString().ToLowerInvariant()), set = "synthetic", step_s = step, warmup = 300 };
        }

        File.WriteAllText(Path.Combine(Folder, SeriesLabels.FileName), JsonSerializer.Serialize(labels));
    }

    private static string Row(double seconds, double value) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTimeOffset.UnixEpoch.AddSeconds(Math.Round(seconds)):yyyy-MM-ddTHH:mm:ss},{(double.IsNaN(value) ? "" : value.ToString("G5", CultureInfo.InvariantCulture))}");

    private static IReadOnlyList<ReplayFile> Files() => [.. SeriesLabels.Load(Folder)!.Select(l => new ReplayFile(Path.Combine(Folder, l.Key), l.Key, l.Value))];

    private List<(int Row, string Json)> Transitions(ReplayFile file)
    {
        List<(int Row, string Json)> transitions = [];
        new ReplayRun(Shipped, sensor, DetectionSettings.Default, t => transitions.Add((t.Row, System.Text.Encoding.UTF8.GetString(EdgeGateway.Alerts.AlertJson.Write(t.Alert, "replay"))))).Run([file], _ => { });
        return transitions;
    }

    private PhiVerdictModel Shipped() => new(model, sensor);

    private IReadOnlyList<ReplayResult> Run(Func<IVerdictModel?> newModel, IReadOnlyList<ReplayFile> files) => new ReplayRun(newModel, sensor, DetectionSettings.Default).Run(files, _ => { });

    private double F1(Func<IVerdictModel?> newModel) => ScoreTable.MeanF1(ScoreTable.BySet(Run(newModel, Files())));

    /// <summary>Says the same of every window.</summary>
    private sealed class ConstantModel(SensorModel sensor, float normal) : IVerdictModel
    {
        public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
        {
            for (var i = 0; i < probabilities.Length; i++)
            {
                probabilities[i] = sensor.Labels[i].Kind == LabelSpec.Normal ? normal : (1 - normal) / (probabilities.Length - 1);
            }
        }

        public void Dispose()
        {
        }
    }
}
