using System.Globalization;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Tests.Phi;

/// <summary>Adapters for <see cref="RandomModel"/> in PEFT's form, written as its library writes them.</summary>
internal static class TestAdapter
{
    public const int Rank = 3;
    public const float Scale = 2;

    /// <summary>Writes adapter_config.json and random factors for all linear layers of all decoder layers; gives the factors by file name.</summary>
    public static Dictionary<string, FloatTensor> Write(string folder, Phi3Config config, int seed = 3, string? settings = null)
    {
        var random = new Random(seed);
        var (query, key) = (config.Heads * config.HeadSize, config.KeyValueHeads * config.HeadSize);
        var factors = new Dictionary<string, FloatTensor>();
        for (var layer = 0; layer < config.Layers; layer++)
        {
            Add($"{layer}.self_attn.qkv_proj", config.HiddenSize, query + (2 * key));
            Add($"{layer}.self_attn.o_proj", query, config.HiddenSize);
            Add($"{layer}.mlp.gate_up_proj", config.HiddenSize, 2 * config.IntermediateSize);
            Add($"{layer}.mlp.down_proj", config.IntermediateSize, config.HiddenSize);
        }

        Directory.CreateDirectory(folder);
        SafeTensors.Write(Path.Combine(folder, PeftFolder.WeightsName), factors);
        File.WriteAllText(Path.Combine(folder, PeftConfig.FileName), string.Create(CultureInfo.InvariantCulture, $$"""{"peft_type":"LORA","r":{{Rank}},"lora_alpha":{{Rank * Scale}},"bias":"none"{{settings}}}"""));
        return factors;

        void Add(string module, int inputs, int outputs)
        {
            factors[$"base_model.model.model.layers.{module}.lora_A.weight"] = Random(Rank, inputs);
            factors[$"base_model.model.model.layers.{module}.lora_B.weight"] = Random(outputs, Rank);
        }

        FloatTensor Random(int rows, int columns) => new([rows, columns], [.. Enumerable.Range(0, rows * columns).Select(_ => (random.NextSingle() - 0.5f) * 0.3f)]);
    }

    /// <summary>The weights of a model with the adapter merged into them: W + scale B A.</summary>
    public static Dictionary<string, FloatTensor> Merge(IReadOnlyDictionary<string, FloatTensor> weights, Dictionary<string, FloatTensor> factors) => weights.ToDictionary(
        weight => weight.Key,
        weight => factors.TryGetValue($"base_model.model.{weight.Key.Replace(".weight", ".lora_A.weight", StringComparison.Ordinal)}", out var a)
            ? Merge(weight.Value, a, factors[$"base_model.model.{weight.Key.Replace(".weight", ".lora_B.weight", StringComparison.Ordinal)}"])
            : weight.Value);

    private static FloatTensor Merge(FloatTensor weight, FloatTensor a, FloatTensor b)
    {
        var (rows, columns) = (weight.Shape[0], weight.Shape[1]);
        var merged = new float[rows * columns];
        for (var i = 0; i < merged.Length; i++)
        {
            merged[i] = weight.Data[i] + (Scale * Enumerable.Range(0, Rank).Sum(r => b.Data[(i / columns * Rank) + r] * a.Data[(r * columns) + (i % columns)]));
        }

        return new FloatTensor([rows, columns], merged);
    }
}
