using System.Text.Json;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Tests.Phi;

/// <summary>Small models with random weights, the same for the same seed.</summary>
internal static class RandomModel
{
    public static Phi3Config Config { get; } = new()
    {
        VocabularySize = 80,
        HiddenSize = 64,
        IntermediateSize = 96,
        Layers = 2,
        Heads = 2,
        KeyValueHeads = 2,
        HeadSize = 32,
        MaxPositions = 96,
    };

    public static Dictionary<string, FloatTensor> Weights(Phi3Config config, int seed = 1)
    {
        var random = new Random(seed);
        var weights = new Dictionary<string, FloatTensor>
        {
            ["model.embed_tokens.weight"] = Matrix(config.VocabularySize, config.HiddenSize),
            ["model.norm.weight"] = Norm(),
            ["lm_head.weight"] = Matrix(config.VocabularySize, config.HiddenSize),
        };
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            weights[name + "input_layernorm.weight"] = Norm();
            weights[name + "post_attention_layernorm.weight"] = Norm();
            weights[name + "self_attn.qkv_proj.weight"] = Matrix((config.Heads + (2 * config.KeyValueHeads)) * config.HeadSize, config.HiddenSize);
            weights[name + "self_attn.o_proj.weight"] = Matrix(config.HiddenSize, config.Heads * config.HeadSize);
            weights[name + "mlp.gate_up_proj.weight"] = Matrix(2 * config.IntermediateSize, config.HiddenSize);
            weights[name + "mlp.down_proj.weight"] = Matrix(config.HiddenSize, config.IntermediateSize);
        }

        return weights;

        FloatTensor Matrix(int rows, int columns) => new([rows, columns], Values(rows * columns, 1 / MathF.Sqrt(columns)));
        FloatTensor Norm() => new([config.HiddenSize], Array.ConvertAll(Values(config.HiddenSize, 0.1f), value => 1 + value));
        float[] Values(int count, float spread) => Enumerable.Range(0, count).Select(_ => (float)Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
            * (float)Math.Cos(2 * Math.PI * random.NextDouble()) * spread).ToArray();
    }

    /// <summary>A tokenizer in which every token of the vocabulary is one character.</summary>
    public static string TokenizerJson(Phi3Config config) => JsonSerializer.Serialize(new
    {
        added_tokens = Array.Empty<object>(),
        model = new { type = "BPE", vocab = Enumerable.Range(0, config.VocabularySize).ToDictionary(id => ((char)(0x4E00 + id)).ToString(), id => id), merges = Array.Empty<string>() },
    });

    public static PhiModel Load(TemporaryFolder folder, Phi3Config config, IReadOnlyDictionary<string, FloatTensor> weights, PhiModelOptions? options = null)
    {
        Phi3Writer.Write(folder.Path, config, weights, TokenizerJson(config));
        return PhiModel.Load(folder.Path, options);
    }

    public static int[] Tokens(int count, Phi3Config config, int seed = 7)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => random.Next(config.VocabularySize)).ToArray();
    }

    /// <summary>Every token as a label.</summary>
    public static int[][] Labels(int count) => [.. Enumerable.Range(0, count).Select(id => (int[])[id])];

    /// <summary>All logits after prefix + suffix.</summary>
    public static float[] Logits(PhiModel model, ReadOnlySpan<int> prefix, ReadOnlySpan<int> suffix, LoraAdapter? adapter = null)
    {
        using var scorer = new LabelScorer(model, prefix, Labels(model.Config.VocabularySize));
        var logits = new float[model.Config.VocabularySize];
        scorer.Score(suffix, logits, adapter);
        return logits;
    }

    public static float LargestDifference(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        Assert.Equal(left.Length, right.Length);
        var largest = 0f;
        for (var i = 0; i < left.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(left[i] - right[i]));
        }

        return largest;
    }
}
