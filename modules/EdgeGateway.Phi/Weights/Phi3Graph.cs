using EdgeGateway.Phi.Onnx;
using static EdgeGateway.Phi.Onnx.TensorProto.Types;

namespace EdgeGateway.Phi.Weights;

/// <summary>
/// The graph of a Phi-3 model in the form of ONNX Runtime GenAI's model builder: packed query/key/value product, grouped query attention with
/// rotary tables, separate gate and up, all linear layers and the head in 4 bits, the embedding in float.
/// </summary>
internal sealed class Phi3Graph(Phi3Config config, Phi3Weights weights, int accuracyLevel)
{
    private const string Mask = "/model/attn_mask_reformat/attn_mask_subgraph/";
    private const string PastTokens = Mask + "Sub/Cast/output_0";
    private const string TotalTokens = Mask + "Gather/Cast/output_0";

    private readonly ModelProto model = new() { IrVersion = 10, ProducerName = "EdgeGateway.Phi", Graph = new GraphProto { Name = "main_graph" } };

    public ModelProto Build(string dataFile, Stream data)
    {
        var file = new WeightFile(model.Graph, dataFile, data);
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 21 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Protos.Microsoft, Version = 1 });
        Describe();
        CountTokens();
        AddRotaryTables(file);
        AddLayers(file);
        return model;
    }

    private void Describe()
    {
        var graph = model.Graph;
        graph.Input.Add(Protos.Value("input_ids", DataType.Int64, "batch_size", "sequence_length"));
        graph.Input.Add(Protos.Value("attention_mask", DataType.Int64, "batch_size", "total_sequence_length"));
        graph.Output.Add(Protos.Value("logits", DataType.Float, "batch_size", "sequence_length", config.VocabularySize));
        for (var layer = 0; layer < config.Layers; layer++)
        {
            foreach (var part in (string[])["key", "value"])
            {
                graph.Input.Add(Protos.Value($"past_key_values.{layer}.{part}", DataType.Float, "batch_size", config.KeyValueHeads, "past_sequence_length", config.HeadSize));
                graph.Output.Add(Protos.Value($"present.{layer}.{part}", DataType.Float, "batch_size", config.KeyValueHeads, "total_sequence_length", config.HeadSize));
            }
        }
    }

    /// <summary>From the attention mask: tokens of each row minus one, and the total length, both int32, as the attention wants them.</summary>
    private void CountTokens()
    {
        model.Graph.Initializer.Add(Protos.Integers("/model/constants/INT64/[1]", [1], 1));
        model.Graph.Initializer.Add(Protos.Integers("/model/constants/INT64/1", [], 1));
        Add("", "ReduceSum", Mask + "ReduceSum", ["attention_mask", "/model/constants/INT64/[1]"], Mask + "ReduceSum/output_0").Set("keepdims", 0);
        Add("", "Sub", Mask + "Sub", [Mask + "ReduceSum/output_0", "/model/constants/INT64/[1]"], Mask + "Sub/output_0");
        Add("", "Cast", Mask + "Sub/Cast", [Mask + "Sub/output_0"], PastTokens).Set("to", (long)DataType.Int32);
        Add("", "Shape", Mask + "Shape", ["attention_mask"], Mask + "Shape/output_0");
        Add("", "Gather", Mask + "Gather", [Mask + "Shape/output_0", "/model/constants/INT64/1"], Mask + "Gather/output_0").Set("axis", 0);
        Add("", "Cast", Mask + "Gather/Cast", [Mask + "Gather/output_0"], TotalTokens).Set("to", (long)DataType.Int32);
    }

    private void AddRotaryTables(WeightFile file)
    {
        var half = config.HeadSize / 2;
        var (cos, sin) = (new float[config.MaxPositions * half], new float[config.MaxPositions * half]);
        for (var i = 0; i < cos.Length; i++)
        {
            // float frequencies as in PyTorch; the angle in double so that every platform rounds alike
            var frequency = (float)(1 / Math.Pow(config.RotaryBase, 2.0 * (i % half) / config.HeadSize));
            var (sine, cosine) = Math.SinCos((float)(i / half) * frequency);
            (sin[i], cos[i]) = ((float)sine, (float)cosine);
        }

        file.Add("cos_cache", cos, config.MaxPositions, half);
        file.Add("sin_cache", sin, config.MaxPositions, half);
    }

    private void AddLayers(WeightFile file)
    {
        file.Add("model.embed_tokens.weight", weights.Embedding.Data, config.VocabularySize, config.HiddenSize);
        Add("", "Gather", "/model/embed_tokens/Gather", ["model.embed_tokens.weight", "input_ids"], "/model/embed_tokens/Gather/output_0");
        var stream = "/model/embed_tokens/Gather/output_0";
        var branch = "";
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var normed = Norm(file, $"layers.{layer}.input_layernorm", weights.InputNorm(layer), ref stream, branch);
            branch = Attention(file, layer, normed);
            normed = Norm(file, $"layers.{layer}.post_attention_layernorm", weights.AttentionNorm(layer), ref stream, branch);
            branch = Mlp(file, layer, normed);
        }

        var last = Norm(file, $"layers.{config.Layers}.final_norm_layernorm", weights.FinalNorm, ref stream, branch);
        Linear(file, "lm_head", weights.Head, last, "logits");
    }

    /// <summary>Adds a branch to the stream (the first norm has none) and normalises the sum; gives the normed tensor, the stream becomes the sum.</summary>
    private string Norm(WeightFile file, string name, FloatTensor scale, ref string stream, string branch)
    {
        file.Add($"model.{name}.weight", scale.Data, config.HiddenSize);
        var output = $"/model/{name}/output_0";
        if (branch.Length == 0)
        {
            var first = Add("", "SimplifiedLayerNormalization", $"/model/{name}/LayerNorm", [stream, $"model.{name}.weight"], output);
            first.Set("epsilon", (float)config.NormEpsilon);
            first.Set("axis", -1);
            first.Set("stash_type", 1);
            return output;
        }

        var sum = $"/model/{name}/output_3";
        string[] outputs = name.EndsWith("final_norm_layernorm", StringComparison.Ordinal) ? [output] : [output, "", "", sum];
        Add(Protos.Microsoft, "SkipSimplifiedLayerNormalization", $"/model/{name}/SkipLayerNorm", [stream, branch, $"model.{name}.weight"], outputs)
            .Set("epsilon", (float)config.NormEpsilon);
        stream = sum;
        return output;
    }

    private string Attention(WeightFile file, int layer, string input)
    {
        var packed = Linear(file, $"model.layers.{layer}.attn.qkv_proj", weights.QueryKeyValue(layer), input);
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
        return Linear(file, $"model.layers.{layer}.attn.o_proj", weights.AttentionOut(layer), name + "/output_0");
    }

    private string Mlp(WeightFile file, int layer, string input)
    {
        var path = $"/model/layers.{layer}/mlp/";
        var gate = Linear(file, $"model.layers.{layer}.mlp.gate_proj", weights.Gate(layer), input);
        var up = Linear(file, $"model.layers.{layer}.mlp.up_proj", weights.Up(layer), input);
        Add("", "Sigmoid", path + "act_fn/Sigmoid", [gate], path + "act_fn/Sigmoid/output_0");
        Add("", "Mul", path + "act_fn/Mul", [gate, path + "act_fn/Sigmoid/output_0"], path + "act_fn/Mul/output_0");
        Add("", "Mul", path + "Mul", [path + "act_fn/Mul/output_0", up], path + "Mul/output_0");
        return Linear(file, $"model.layers.{layer}.mlp.down_proj", weights.Down(layer), path + "Mul/output_0");
    }

    private string Linear(WeightFile file, string name, FloatTensor matrix, string input, string? output = null)
    {
        var rounded = Int4Block.Quantize(matrix);
        file.Add(name + ".MatMul.weight_Q4", rounded.Codes, rounded.Rows, rounded.Blocks, Int4Block.Size / 2);
        file.Add(name + ".MatMul.weight_scales", rounded.Scales, rounded.Rows, rounded.Blocks);
        var path = "/" + name.Replace(".attn.", "/attn/", StringComparison.Ordinal).Replace(".mlp.", "/mlp/", StringComparison.Ordinal).Replace("model.", "model/", StringComparison.Ordinal) + "/MatMul";
        output ??= path + "/output_0";
        var node = Add(Protos.Microsoft, "MatMulNBits", path + "_Q4", [input, name + ".MatMul.weight_Q4", name + ".MatMul.weight_scales"], output);
        node.Set("K", rounded.Columns);
        node.Set("N", rounded.Rows);
        node.Set("accuracy_level", accuracyLevel);
        node.Set("bits", 4);
        node.Set("block_size", Int4Block.Size);
        return output;
    }

    private NodeProto Add(string domain, string type, string name, string[] inputs, params string[] outputs)
    {
        var node = Protos.Node(domain, type, name, inputs, outputs);
        model.Graph.Node.Add(node);
        return node;
    }
}
