using System.Globalization;
using System.Text.Json;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Soak;

/// <summary>A small Phi-3 model with random weights, and adapters for it in PEFT's form, in a folder that is gone with this object. The same every time.</summary>
internal sealed class RandomPhi : IDisposable
{
    private static readonly Phi3Config Config = new()
    {
        VocabularySize = 256,
        HiddenSize = 64,
        IntermediateSize = 128,
        Layers = 2,
        Heads = 2,
        KeyValueHeads = 2,
        HeadSize = 32,
        MaxPositions = 256,
    };

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-soak-");
    private readonly Random random = new(1);

    public RandomPhi(IEnumerable<int> ranks)
    {
        var linears = Enumerable.Range(0, Config.Layers).SelectMany(Linears).ToArray();
        var weights = linears.ToDictionary(linear => linear.Name + ".weight", linear => Matrix(linear.Outputs, linear.Inputs));
        weights["model.embed_tokens.weight"] = Matrix(Config.VocabularySize, Config.HiddenSize);
        weights["lm_head.weight"] = Matrix(Config.VocabularySize, Config.HiddenSize);
        foreach (var norm in Enumerable.Range(0, Config.Layers).SelectMany(layer => (string[])[$"layers.{layer}.input_layernorm", $"layers.{layer}.post_attention_layernorm"]).Append("norm"))
        {
            weights[$"model.{norm}.weight"] = new FloatTensor([Config.HiddenSize], [.. Enumerable.Repeat(1f, Config.HiddenSize)]);
        }

        Phi3Writer.Write(Folder, Config, weights, TokenizerJson());
        Adapters = [.. ranks.Select(rank => Adapter(rank, linears))];
    }

    /// <summary>The model folder.</summary>
    public string Folder => folder.FullName;

    /// <summary>Folders of the adapters, one a rank.</summary>
    public IReadOnlyList<string> Adapters { get; }

    /// <summary>Random tokens.</summary>
    public int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(Config.VocabularySize))];

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);

    private static IEnumerable<(string Name, int Outputs, int Inputs)> Linears(int layer)
    {
        var (name, attention) = ($"model.layers.{layer}.", Config.Heads * Config.HeadSize);
        yield return (name + "self_attn.qkv_proj", attention + (2 * Config.KeyValueHeads * Config.HeadSize), Config.HiddenSize);
        yield return (name + "self_attn.o_proj", Config.HiddenSize, attention);
        yield return (name + "mlp.gate_up_proj", 2 * Config.IntermediateSize, Config.HiddenSize);
        yield return (name + "mlp.down_proj", Config.HiddenSize, Config.IntermediateSize);
    }

    /// <summary>Every token is one character.</summary>
    private static string TokenizerJson() => JsonSerializer.Serialize(new
    {
        added_tokens = Array.Empty<object>(),
        model = new { type = "BPE", vocab = Enumerable.Range(0, Config.VocabularySize).ToDictionary(id => ((char)(0x4E00 + id)).ToString(), id => id), merges = Array.Empty<string>() },
    });

    private string Adapter(int rank, IEnumerable<(string Name, int Outputs, int Inputs)> linears)
    {
        var path = folder.CreateSubdirectory(string.Create(CultureInfo.InvariantCulture, $"rank-{rank}")).FullName;
        var factors = new Dictionary<string, FloatTensor>();
        foreach (var (name, outputs, inputs) in linears)
        {
            factors[$"base_model.model.{name}.lora_A.weight"] = Matrix(rank, inputs);
            factors[$"base_model.model.{name}.lora_B.weight"] = Matrix(outputs, rank);
        }

        SafeTensors.Write(Path.Combine(path, "adapter_model.safetensors"), factors);
        File.WriteAllLines(Path.Combine(path, "adapter_config.json"), [JsonSerializer.Serialize(new { peft_type = "LORA", r = rank, lora_alpha = rank, bias = "none" })]);
        return path;
    }

    /// <summary>Uniform with the variance 1 / columns, which keeps activations at their size.</summary>
    private FloatTensor Matrix(int rows, int columns) =>
        new([rows, columns], [.. Enumerable.Range(0, rows * columns).Select(_ => ((2 * random.NextSingle()) - 1) * MathF.Sqrt(3f / columns))]);
}
