using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>
/// A LoRA adapter as the PEFT library saves it: factors A [r, in] and B [out, r] for some linear layers, which add scale x B A x to their result.
/// Layers that are one in the checkpoint and several in the graph, or the other way round, share an axis of outputs: q, k, v and gate, up.
/// </summary>
internal sealed partial class PeftAdapter
{
    private readonly int queriesPerKey;
    private readonly Delta[] deltas;

    private PeftAdapter(int queriesPerKey, Delta[] deltas)
    {
        this.queriesPerKey = queriesPerKey;
        this.deltas = deltas;
    }

    /// <summary>Reads adapter_config.json and adapter_model.safetensors.</summary>
    public static PeftAdapter Read(string folder, int queriesPerKey)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "adapter_config.json")));
        var config = json.RootElement;
        var factors = SafeTensors.Read(Path.Combine(folder, "adapter_model.safetensors"));
        var deltas = factors.Keys.Select(key => FactorA().Match(key)).Where(match => match.Success).Select(match =>
        {
            var (a, b) = (factors[match.Value], factors[match.Value.Replace("lora_A", "lora_B", StringComparison.Ordinal)]);
            return new Delta(match.Groups["layer"].Value, match.Groups["name"].Value, a, b, Scale(config, match.Groups["module"].Value, a.Shape[0]));
        });
        return new PeftAdapter(queriesPerKey, [.. deltas.Where(delta => Applies(config, delta.Layer))]);
    }

    /// <summary>Adds what belongs to this product to its result; does nothing for other nodes.</summary>
    public void AddTo(string output, Tensor?[] inputs, Tensor?[] outputs)
    {
        if (Product().Match(output) is { Success: true } match && inputs[0] is { } x && outputs[0] is { } y)
        {
            var (layer, name) = (match.Groups["layer"].Value, match.Groups["name"].Value);
            foreach (var delta in deltas.Where(delta => delta.Layer == layer && Axis(delta.Name) == Axis(name)))
            {
                Add(delta, Start(name, y.Columns) - Start(delta.Name, delta.B.Shape[0]), x, y);
            }
        }
    }

    /// <summary>The row of B for the product's first column may lie outside of B.</summary>
    private static void Add(Delta delta, int firstRow, Tensor x, Tensor y)
    {
        var a = new Tensor(delta.A.Shape, delta.A.Data);
        var b = new Tensor(delta.B.Shape, delta.B.Data);
        var inner = Rows.Multiply(x, a);
        for (var row = 0; row < y.Rows; row++)
        {
            for (var column = Math.Max(0, -firstRow); column < Math.Min(y.Columns, b.Rows - firstRow); column++)
            {
                y.Row(row)[column] += delta.Scale * TensorPrimitives.Dot<float>(b.Row(firstRow + column), inner.Row(row));
            }
        }
    }

    private static string Axis(string name) => name switch
    {
        "q_proj" or "k_proj" or "v_proj" or "qkv_proj" => "qkv",
        "gate_proj" or "up_proj" or "gate_up_proj" => "gate, up",
        "dense" => "o_proj",
        _ => name,
    };

    /// <summary>Where a linear layer of so many outputs begins on the shared axis.</summary>
    private int Start(string name, int outputs) => name switch
    {
        "k_proj" => queriesPerKey * outputs,
        "v_proj" => (queriesPerKey + 1) * outputs,
        "up_proj" => outputs,
        _ => 0,
    };

    private static bool Applies(JsonElement config, string layer) => !config.TryGetProperty("layers_to_transform", out var chosen) || chosen.ValueKind switch
    {
        JsonValueKind.Array => chosen.EnumerateArray().Any(item => item.GetRawText() == layer),
        JsonValueKind.Number => chosen.GetRawText() == layer,
        _ => true,
    };

    /// <summary>
    /// The rank is the height of A, which r and rank_pattern only say again. Patterns are regular expressions for a whole name or its end after a dot;
    /// the first one that matches counts.
    /// </summary>
    private static float Scale(JsonElement config, string module, int rank)
    {
        var alpha = config.GetProperty("lora_alpha").GetSingle();
        if (config.TryGetProperty("alpha_pattern", out var patterns) && patterns.ValueKind == JsonValueKind.Object)
        {
            var matching = patterns.EnumerateObject().Where(pattern => Regex.IsMatch(module, $@"^(.*\.)?({pattern.Name})$"));
            alpha = matching.Select(pattern => pattern.Value.GetSingle()).Append(alpha).First();
        }

        return config.TryGetProperty("use_rslora", out var stabilised) && stabilised.ValueKind == JsonValueKind.True ? alpha / MathF.Sqrt(rank) : alpha / rank;
    }

    [GeneratedRegex(@"^base_model\.model\.(?<module>.*\blayers\.(?<layer>\d+)\..*?(?<name>\w+))\.lora_A\.weight$")]
    private static partial Regex FactorA();

    [GeneratedRegex(@"/layers\.(?<layer>\d+)/(attn|mlp)/(?<name>\w+)/MatMul/output_0$")]
    private static partial Regex Product();

    private sealed record Delta(string Layer, string Name, FloatTensor A, FloatTensor B, float Scale);
}
