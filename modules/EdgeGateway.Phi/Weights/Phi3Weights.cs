namespace EdgeGateway.Phi.Weights;

/// <summary>
/// Float weights under the names of Hugging Face's Phi3ForCausalLM, taken out part by part with their shapes checked, matrices rounded to 4 bits.
/// Linear layers are [outputs, inputs]; qkv_proj holds the rows of q, k, v, gate_up_proj those of gate, up.
/// </summary>
internal sealed class Phi3Weights(Phi3Config config, IReadOnlyDictionary<string, FloatTensor> weights) : WeightSource
{
    private const string Embedding = "model.embed_tokens.weight";
    private static readonly string[] Halves = [".gate_proj", ".up_proj"];

    public override void AddFloat(WeightFile file, string name, params ReadOnlySpan<int> shape) =>
        file.Add(name, Take(name.EndsWith(".final_norm_layernorm.weight", StringComparison.Ordinal) ? "model.norm.weight" : name, shape).Data, shape);

    public override void AddInt4(WeightFile file, string name, int rows, int columns)
    {
        var rounded = Int4Block.Quantize(Matrix(name, rows, columns));
        file.Add(WeightFile.Codes(name), rounded.Codes, rows, rounded.Blocks, Int4Block.Size / 2);
        file.Add(WeightFile.Scales(name), rounded.Scales, rows, rounded.Blocks);
    }

    private FloatTensor Matrix(string name, int rows, int columns)
    {
        if (name == "lm_head" && config.TiedHead)
        {
            return Take(Embedding, rows, columns);
        }

        foreach (var (half, part) in Halves.Index())
        {
            if (name.EndsWith(part, StringComparison.Ordinal))
            {
                var both = Take(name[..^part.Length] + ".gate_up_proj.weight", 2 * rows, columns);
                return new FloatTensor([rows, columns], both.Data[(half * rows * columns)..((half + 1) * rows * columns)]);
            }
        }

        return Take(name.Replace(".attn.", ".self_attn.", StringComparison.Ordinal) + ".weight", rows, columns);
    }

    private FloatTensor Take(string name, params ReadOnlySpan<int> shape)
    {
        if (!weights.TryGetValue(name, out var tensor))
        {
            throw new ModelRefusedException(RefusalReason.WeightsInvalid, $"The weights lack \"{name}\"; give a whole Phi3ForCausalLM checkpoint.");
        }

        return tensor.Shape.AsSpan().SequenceEqual(shape)
            ? tensor
            : throw new ModelRefusedException(RefusalReason.WeightsInvalid,
                $"\"{name}\" has the shape [{string.Join(", ", tensor.Shape)}], but config.json asks for [{string.Join(", ", shape.ToArray())}]; take both from the same checkpoint.");
    }
}
