using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Tests.Prompts;

/// <summary>Adapters with a threshold and a calibration of their own.</summary>
public sealed class SensorAdapterTests : IDisposable
{
    private const string Good = """{"schema":1,"name":"pumps","promptVersion":1,"base":{"name":"phi-sensor","sha256":"AB"},"threshold":1.5,"calibration":{"slope":2,"offset":-1}}""";
    private static readonly string BuiltIn = Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway", "models", "phi-sensor");

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void An_adapter_brings_its_threshold_and_calibration_judges_without_the_gate_and_leaves_the_rest_to_its_base()
    {
        var model = SensorModel.Load(BuiltIn);
        var adapted = Load(Good).On(model, "ab");
        Assert.Equal(model with { Threshold = 1.5, Calibration = new ScoreCalibration(2, -1), GateWeight = 0 }, adapted);
    }

    [Fact]
    public void A_threshold_of_the_settings_comes_before_that_of_an_adapter()
    {
        var adapted = Load(Good).On(SensorModel.Load(BuiltIn), "ab");
        Assert.Equal(adapted, adapted.Under(DetectionSettings.Default));
        Assert.Equal(adapted with { Threshold = 0, KindMinimum = .2 }, adapted.Under(DetectionSettings.Default with { Threshold = 0, KindMinimum = .2 }));
    }

    [Fact]
    public void An_adapter_of_another_model_is_refused_with_both_names()
    {
        var refused = Assert.Throws<SensorModelException>(() => Load(Good).On(SensorModel.Load(BuiltIn), "cd"));
        Assert.Contains("SHA-256 AB", refused.Message, StringComparison.Ordinal);
        Assert.Contains("cd", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_for_prompts_of_another_version_is_refused()
    {
        var other = Load(Good.Replace("\"promptVersion\":1", "\"promptVersion\":9", StringComparison.Ordinal));
        Assert.Contains("version 9", Assert.Throws<SensorModelException>(() => other.On(SensorModel.Load(BuiltIn), "ab")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "cannot be read")]
    [InlineData("{}", "cannot be read")]
    [InlineData("null", "cannot be read")]
    [InlineData("""{"schema":2,"name":"n","promptVersion":1,"base":{"name":"b","sha256":"a"},"threshold":1,"calibration":{"slope":1,"offset":0}}""", "schema 2")]
    [InlineData("""{"schema":1,"name":"n","promptVersion":1,"base":null,"threshold":1,"calibration":{"slope":1,"offset":0}}""", "cannot be read")]
    public void A_description_that_cannot_be_used_is_refused_with_its_path(string json, string reason)
    {
        var refused = Assert.Throws<SensorModelException>(() => Load(json));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_description_is_refused() => Assert.Throws<SensorModelException>(() => SensorAdapter.Load(folder.Path));

    [Fact]
    public void The_gateway_judges_with_an_adapter_and_without_one_as_if_there_were_none()
    {
        WriteAdapter();
        using var plain = PhiModel.Load(BuiltIn);
        using var model = PhiModel.Load(BuiltIn, new PhiModelOptions { Adapters = true });
        using var adapter = model.LoadAdapter(SensorAdapter.WeightsOf(folder.Path));
        var sensor = SensorModel.Load(BuiltIn);
        var alerts = Alerts(() => new PhiVerdictModel(plain, sensor), sensor);
        Assert.Equal(alerts, Alerts(() => new PhiVerdictModel(model, sensor), sensor));
        Assert.NotEqual(alerts, Alerts(() => new PhiVerdictModel(model, sensor, adapter), sensor));
    }

    public void Dispose() => folder.Dispose();

    private static string Alerts(Func<IVerdictModel> judge, SensorModel sensor)
    {
        var results = new ReplayRun(judge, sensor, DetectionSettings.Default).Run([.. ReplayFile.At(Path.Combine(SharedFolder.RepositoryRoot, "tests", "recordings")).Take(4)], _ => { });
        return string.Join('\n', results.SelectMany(r => r.Raised));
    }

    private SensorAdapter Load(string json)
    {
        File.WriteAllText(folder.File(SensorModel.FileName), json);
        return SensorAdapter.Load(folder.Path);
    }

    private void WriteAdapter()
    {
        var (random, weights) = (new Random(1), DecoderWeights.Read(BuiltIn).Tensors);
        LoraWriter.Write(folder.Path, "adapter", [.. weights.Where(w => w.Key.EndsWith("_proj.weight", StringComparison.Ordinal)).Select(w => new LoraFactors(
            w.Key[..^".weight".Length], Random(2, w.Value.Shape[1]), Random(w.Value.Shape[0], 2)))], 2);

        FloatTensor Random(int rows, int columns) => new([rows, columns], [.. Enumerable.Range(0, rows * columns).Select(_ => (random.NextSingle() - .5f) * .4f)]);
    }
}
