using System.Security.Cryptography;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Tests.Phi;

/// <summary>What training needs of the library: the weights of a folder as it runs, and adapters in both forms.</summary>
public sealed class LoraWriterTests : IDisposable
{
    private const double Alpha = 6;
    private static readonly Phi3Config Config = RandomModel.Config with { Heads = 4, KeyValueHeads = 2, HeadSize = 16 };

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void The_weights_of_a_folder_are_read_as_they_were_rounded()
    {
        var weights = RandomModel.Weights(Config);
        using var model = RandomModel.Load(folder, Config, weights);
        var read = DecoderWeights.Read(folder.Path);
        var rounded = ReferenceForward.Rounded(weights);
        Assert.Equal(rounded.Keys.Order(), read.Tensors.Keys.Order());
        Assert.All(rounded, weight => Assert.Equal(weight.Value.Shape, read.Tensors[weight.Key].Shape));
        Assert.All(rounded, weight => Assert.Equal(weight.Value.Data, read.Tensors[weight.Key].Data));
        Assert.Equal((float)Config.NormEpsilon, read.NormEpsilon);
        Assert.Equal([Config.MaxPositions, Config.HeadSize / 2], read.Cos.Shape);
    }

    [Fact]
    public void The_digest_of_a_model_is_that_of_its_files_one_behind_the_other()
    {
        using var model = RandomModel.Load(folder, Config, RandomModel.Weights(Config));
        byte[] all = [.. File.ReadAllBytes(folder.File("model.onnx")), .. File.ReadAllBytes(folder.File("model.onnx.data")), .. File.ReadAllBytes(folder.File("tokenizer.json"))];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(all)), DecoderWeights.Digest(folder.Path));
    }

    [Fact]
    public void Both_forms_of_a_written_adapter_give_the_logits_of_merged_weights()
    {
        var weights = RandomModel.Weights(Config);
        using var model = RandomModel.Load(folder, Config, weights, new PhiModelOptions { Adapters = true });
        var factors = TestAdapter.Write(folder.File("other"), Config);
        LoraWriter.Write(folder.File("adapter"), "a", [.. Modules(factors)], Alpha);
        var tokens = RandomModel.Tokens(34, Config);
        var expected = new ReferenceForward(Config, TestAdapter.Merge(ReferenceForward.Rounded(weights), factors)).Logits(tokens);
        using var peft = model.LoadAdapter(folder.File("adapter"));
        using var onnx = model.LoadAdapter(Path.Combine(folder.File("adapter"), "a.onnx_adapter"));
        var logits = RandomModel.Logits(model, tokens.AsSpan(0, 10), tokens.AsSpan(10), onnx);
        Assert.InRange(RandomModel.LargestDifference(expected, logits), 0, 5e-5f);
        Assert.Equal(logits, RandomModel.Logits(model, tokens.AsSpan(0, 10), tokens.AsSpan(10), peft));
    }

    [Fact]
    public void The_runtime_itself_reads_a_written_adapter()
    {
        LoraWriter.Write(folder.Path, "a", [.. Modules(TestAdapter.Write(folder.File("other"), Config))], Alpha);
        using var adapter = OrtLoraAdapter.Create(folder.File("a.onnx_adapter"), null);
        Assert.False(adapter.IsInvalid);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>TestAdapter's rank times its scale is <see cref="Alpha"/>.</summary>
    private static IEnumerable<LoraFactors> Modules(Dictionary<string, FloatTensor> factors) => factors.Keys
        .Where(name => name.EndsWith(".lora_A.weight", StringComparison.Ordinal))
        .Select(name => name["base_model.model.".Length..^".lora_A.weight".Length])
        .Select(module => new LoraFactors(module, factors[$"base_model.model.{module}.lora_A.weight"], factors[$"base_model.model.{module}.lora_B.weight"]));
}
