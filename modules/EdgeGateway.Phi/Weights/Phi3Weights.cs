namespace EdgeGateway.Phi.Weights;

/// <summary>
/// Float weights under the names of Hugging Face's Phi3ForCausalLM, taken out part by part with their shapes checked. Linear layers are
/// [outputs, inputs]; qkv_proj holds the rows of q, k, v, gate_up_proj those of gate, up.
/// </summary>
internal sealed class Phi3Weights(Phi3Config config, IReadOnlyDictionary<string, FloatTensor> weights)
{
    public FloatTensor Embedding => Take("model.embed_tokens.weight", config.VocabularySize, config.HiddenSize);

    public FloatTensor Head => config.TiedHead ? Embedding : Take("lm_head.weight", config.VocabularySize, config.HiddenSize);

    public FloatTensor FinalNorm => Take("model.norm.weight", config.HiddenSize);

    public FloatTensor InputNorm(int layer) => Take($"model.layers.{layer}.input_layernorm.weight", config.HiddenSize);

    public FloatTensor AttentionNorm(int layer) => Take($"model.layers.{layer}.post_attention_layernorm.weight", config.HiddenSize);

    public FloatTensor QueryKeyValue(int layer) =>
        Take($"model.layers.{layer}.self_attn.qkv_proj.weight", (config.Heads + (2 * config.KeyValueHeads)) * config.HeadSize, config.HiddenSize);

    public FloatTensor AttentionOut(int layer) => Take($"model.layers.{layer}.self_attn.o_proj.weight", config.HiddenSize, config.Heads * config.HeadSize);

    public FloatTensor Gate(int layer) => Half(layer, 0);

    public FloatTensor Up(int layer) => Half(layer, 1);

    public FloatTensor Down(int layer) => Take($"model.layers.{layer}.mlp.down_proj.weight", config.HiddenSize, config.IntermediateSize);

    private FloatTensor Half(int layer, int half)
    {
        var both = Take($"model.layers.{layer}.mlp.gate_up_proj.weight", 2 * config.IntermediateSize, config.HiddenSize);
        var size = both.Data.Length / 2;
        return new FloatTensor([config.IntermediateSize, config.HiddenSize], both.Data[(half * size)..((half + 1) * size)]);
    }

    private FloatTensor Take(string name, params int[] shape)
    {
        if (!weights.TryGetValue(name, out var tensor))
        {
            throw new ModelRefusedException(RefusalReason.WeightsInvalid, $"The weights lack \"{name}\"; give a whole Phi3ForCausalLM checkpoint.");
        }

        return tensor.Shape.AsSpan().SequenceEqual(shape)
            ? tensor
            : throw new ModelRefusedException(RefusalReason.WeightsInvalid,
                $"\"{name}\" has the shape [{string.Join(", ", tensor.Shape)}], but config.json asks for [{string.Join(", ", shape)}]; take both from the same checkpoint.");
    }
}
