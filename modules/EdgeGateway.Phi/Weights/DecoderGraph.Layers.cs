using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi.Weights;

/// <content>What a layer is made of.</content>
internal sealed partial class DecoderGraph
{
    /// <summary>Adds a branch to the stream (the first norm has none) and normalises the sum; gives the normed tensor, the stream becomes the sum.</summary>
    private string Norm(string name, ref string stream, string branch)
    {
        string[] parameters = form.Phi2 ? [$"model.{name}.weight", $"model.{name}.bias"] : [$"model.{name}.weight"];
        foreach (var parameter in parameters)
        {
            weights.AddFloat(file, parameter, config.HiddenSize);
        }

        var type = form.Phi2 ? "LayerNormalization" : "SimplifiedLayerNormalization";
        var output = $"/model/{name}/output_0";
        if (branch.Length == 0)
        {
            var first = Add("", type, $"/model/{name}/LayerNorm", [stream, .. parameters], output);
            first.Set("epsilon", (float)config.NormEpsilon);
            first.Set("axis", -1);
            first.Set("stash_type", 1);
            return output;
        }

        var sum = $"/model/{name}/output_3";
        string[] outputs = name.EndsWith("final_norm_layernorm", StringComparison.Ordinal) ? [output] : [output, "", "", sum];
        Add(Protos.Microsoft, "Skip" + type, $"/model/{name}/SkipLayerNorm", [stream, branch, .. parameters], outputs).Set("epsilon", (float)config.NormEpsilon);
        stream = sum;
        return output;
    }

    private string Attention(int layer, string input)
    {
        var rows = (config.Heads + (2 * config.KeyValueHeads)) * config.HeadSize;
        var packed = Linear($"model.layers.{layer}.attn.qkv_proj", rows, config.HiddenSize, input);
        var name = $"/model/layers.{layer}/attn/GroupQueryAttention";
        var node = Add(Protos.Microsoft, "GroupQueryAttention", name,
            [packed, "", "", $"past_key_values.{layer}.key", $"past_key_values.{layer}.value", PastTokens, TotalTokens, "cos_cache", "sin_cache"],
            name + "/output_0", $"present.{layer}.key", $"present.{layer}.value");
        node.Set("num_heads", config.Heads);
        node.Set("kv_num_heads", config.KeyValueHeads);
        node.Set("scale", (float)(1 / Math.Sqrt(config.HeadSize)));
        node.Set("local_window_size", config.SlidingWindow ?? -1L);
        node.Set("softcap", 0f);
        node.Set("do_rotary", 1);
        node.Set("rotary_interleaved", 0);
        return Linear($"model.layers.{layer}.attn.o_proj", config.HiddenSize, config.Heads * config.HeadSize, name + "/output_0");
    }

    private string GatedMlp(int layer, string input)
    {
        var path = $"/model/layers.{layer}/mlp/";
        var gate = Linear($"model.layers.{layer}.mlp.gate_proj", config.IntermediateSize, config.HiddenSize, input);
        var up = Linear($"model.layers.{layer}.mlp.up_proj", config.IntermediateSize, config.HiddenSize, input);
        Add("", "Sigmoid", path + "act_fn/Sigmoid", [gate], path + "act_fn/Sigmoid/output_0");
        Add("", "Mul", path + "act_fn/Mul", [gate, path + "act_fn/Sigmoid/output_0"], path + "act_fn/Mul/output_0");
        Add("", "Mul", path + "Mul", [path + "act_fn/Mul/output_0", up], path + "Mul/output_0");
        return Linear($"model.layers.{layer}.mlp.down_proj", config.HiddenSize, config.IntermediateSize, path + "Mul/output_0");
    }

    private string Mlp(int layer, string input)
    {
        var activation = $"/model/layers.{layer}/mlp/act_fn/FastGelu";
        var inner = Linear($"model.layers.{layer}.mlp.fc1", config.IntermediateSize, config.HiddenSize, input);
        Add("", "Gelu", activation, [inner], activation + "/output_0").Set("approximate", "tanh");
        return Linear($"model.layers.{layer}.mlp.fc2", config.HiddenSize, config.IntermediateSize, activation + "/output_0");
    }

    /// <summary>A product with a matrix [rows, columns], in Phi-2 with a bias after it; a shared head's matrix is there already.</summary>
    private string Linear(string name, int rows, int columns, string input, string? output = null)
    {
        if (name != Head || !form.SharedEmbedding)
        {
            weights.AddInt4(file, name, rows, columns);
        }

        var path = "/" + name.Replace(".attn.", "/attn/", StringComparison.Ordinal).Replace(".mlp.", "/mlp/", StringComparison.Ordinal).Replace("model.", "model/", StringComparison.Ordinal);
        var product = form.Phi2 || output is null ? path + "/MatMul/output_0" : output;
        var node = Add(Protos.Microsoft, "MatMulNBits", path + "/MatMul_Q4", [input, WeightFile.Codes(name), WeightFile.Scales(name)], product);
        node.Set("K", columns);
        node.Set("N", rows);
        node.Set("accuracy_level", accuracyLevel);
        node.Set("bits", 4);
        node.Set("block_size", Int4Block.Size);
        if (!form.Phi2)
        {
            return product;
        }

        weights.AddFloat(file, name + ".Add.bias", rows);
        output ??= path + "/Add/output_0";
        Add("", "Add", path + "/Add", [product, name + ".Add.bias"], output);
        return output;
    }

    private NodeProto Add(string domain, string type, string name, string[] inputs, params string[] outputs)
    {
        var node = Protos.Node(domain, type, name, inputs, outputs);
        model.Graph.Node.Add(node);
        return node;
    }
}
