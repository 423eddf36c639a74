using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Tests.Phi;

/// <summary>
/// A Phi-3 forward pass in plain float32 C#, written from the model's definition and independent of ONNX: the truth that the engine is
/// compared with. Weights under Hugging Face's names; give them rounded to compare with a 4-bit model.
/// </summary>
internal sealed class ReferenceForward(Phi3Config config, IReadOnlyDictionary<string, FloatTensor> weights)
{
    /// <summary>The same weights with all linear layers and the head rounded to 4 bits and back, as the writer rounds them.</summary>
    public static Dictionary<string, FloatTensor> Rounded(IReadOnlyDictionary<string, FloatTensor> weights) => weights.ToDictionary(
        weight => weight.Key,
        weight => weight.Value.Shape.Length == 2 && !weight.Key.Contains("embed", StringComparison.Ordinal) ? Int4Block.Dequantize(Int4Block.Quantize(weight.Value)) : weight.Value);

    /// <summary>Logits [vocabulary] after the last token.</summary>
    public float[] Logits(ReadOnlySpan<int> tokens)
    {
        var embedding = weights["model.embed_tokens.weight"].Data;
        var rows = tokens.ToArray().Select(token => embedding.AsSpan(token * config.HiddenSize, config.HiddenSize).ToArray()).ToArray();
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            AddTo(rows, Attention(name + "self_attn.", Array.ConvertAll(rows, row => Norm(name + "input_layernorm", row))));
            AddTo(rows, Array.ConvertAll(rows, row => Mlp(name + "mlp.", Norm(name + "post_attention_layernorm", row))));
        }

        var head = config.TiedHead ? Int4Block.Dequantize(Int4Block.Quantize(weights["model.embed_tokens.weight"])) : weights["lm_head.weight"];
        return Multiply(head, Norm("model.norm", rows[^1]));
    }

    private float[][] Attention(string name, float[][] rows)
    {
        var (size, group) = (config.HeadSize, config.Heads / config.KeyValueHeads);
        var packed = Array.ConvertAll(rows, row => Multiply(weights[name + "qkv_proj.weight"], row));
        var outputs = Array.ConvertAll(rows, _ => new float[config.Heads * size]);
        for (var position = 0; position < rows.Length; position++)
        {
            for (var head = 0; head < config.Heads + config.KeyValueHeads; head++)
            {
                Rotate(packed[position].AsSpan(head * size, size), position);
            }

            for (var head = 0; head < config.Heads; head++)
            {
                Attend(packed, position, head * size, (config.Heads + (head / group)) * size, (config.Heads + config.KeyValueHeads + (head / group)) * size, outputs[position].AsSpan(head * size, size));
            }
        }

        return Array.ConvertAll(outputs, output => Multiply(weights[name + "o_proj.weight"], output));
    }

    private void Attend(float[][] packed, int position, int query, int key, int value, Span<float> output)
    {
        var first = config.SlidingWindow is { } window ? Math.Max(0, position - window + 1) : 0;
        var scores = new float[position - first + 1];
        for (var i = 0; i < scores.Length; i++)
        {
            for (var j = 0; j < config.HeadSize; j++)
            {
                scores[i] += packed[position][query + j] * packed[first + i][key + j];
            }

            scores[i] /= MathF.Sqrt(config.HeadSize);
        }

        var largest = scores.Max();
        var powers = Array.ConvertAll(scores, score => MathF.Exp(score - largest));
        var sum = powers.Sum();
        for (var i = 0; i < scores.Length; i++)
        {
            for (var j = 0; j < config.HeadSize; j++)
            {
                output[j] += powers[i] / sum * packed[first + i][value + j];
            }
        }
    }

    private void Rotate(Span<float> head, int position)
    {
        var half = head.Length / 2;
        for (var i = 0; i < half; i++)
        {
            var angle = position * (float)Math.Pow(config.RotaryBase, -2.0 * i / head.Length);
            var (sin, cos) = MathF.SinCos(angle);
            (head[i], head[i + half]) = ((head[i] * cos) - (head[i + half] * sin), (head[i + half] * cos) + (head[i] * sin));
        }
    }

    private float[] Mlp(string name, float[] row)
    {
        var both = Multiply(weights[name + "gate_up_proj.weight"], row);
        var inner = new float[config.IntermediateSize];
        for (var i = 0; i < inner.Length; i++)
        {
            inner[i] = both[i] / (1 + MathF.Exp(-both[i])) * both[i + inner.Length];
        }

        return Multiply(weights[name + "down_proj.weight"], inner);
    }

    private float[] Norm(string name, float[] row)
    {
        var scale = 1 / MathF.Sqrt((row.Sum(value => value * value) / row.Length) + (float)config.NormEpsilon);
        return row.Zip(weights[name + ".weight"].Data, (value, weight) => value * scale * weight).ToArray();
    }

    private static float[] Multiply(FloatTensor matrix, float[] row)
    {
        var result = new float[matrix.Shape[0]];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = System.Numerics.Tensors.TensorPrimitives.Dot(matrix.Data.AsSpan(i * row.Length, row.Length), row);
        }

        return result;
    }

    private static void AddTo(float[][] rows, float[][] branch)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(rows[i], branch[i], rows[i]);
        }
    }
}
