using EdgeGateway.Phi.Onnx;
using static EdgeGateway.Phi.Onnx.TensorProto.Types;

namespace EdgeGateway.Phi.Weights;

/// <summary>
/// The graph of a Phi model in the form of ONNX Runtime GenAI's model builder: packed query/key/value product, grouped query attention with
/// rotary tables, separate gate and up, all linear layers and the head in 4 bits, the embedding in float unless the head is shared.
/// </summary>
internal sealed partial class DecoderGraph
{
    private const string Mask = "/model/attn_mask_reformat/attn_mask_subgraph/";
    private const string PastTokens = Mask + "Sub/Cast/output_0";
    private const string TotalTokens = Mask + "Gather/Cast/output_0";
    private const string Head = "lm_head";

    private readonly ModelProto model = new() { IrVersion = 10, ProducerName = "EdgeGateway.Phi", Graph = new GraphProto { Name = "main_graph" } };
    private readonly Phi3Config config;
    private readonly GraphForm form;
    private readonly WeightSource weights;
    private readonly int accuracyLevel;
    private readonly WeightFile file;

    private DecoderGraph(Phi3Config config, GraphForm form, WeightSource weights, int accuracyLevel, string dataFile, Stream data)
    {
        this.config = config;
        this.form = form;
        this.weights = weights;
        this.accuracyLevel = accuracyLevel;
        file = new WeightFile(model.Graph, dataFile, data);
    }

    /// <summary>Builds the graph; large weights go to the stream, which will be the file of the given name.</summary>
    public static ModelProto Build(Phi3Config config, GraphForm form, WeightSource weights, int accuracyLevel, string dataFile, Stream data)
    {
        var graph = new DecoderGraph(config, form, weights, accuracyLevel, dataFile, data);
        graph.model.OpsetImport.Add(new OperatorSetIdProto { Version = 21 });
        graph.model.OpsetImport.Add(new OperatorSetIdProto { Domain = Protos.Microsoft, Version = 1 });
        graph.Describe();
        graph.CountTokens();
        graph.AddRotaryTables();
        graph.AddLayers();
        return graph.model;
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

    private void AddRotaryTables()
    {
        var rotated = (int)Math.Round(config.HeadSize * form.RotaryShare);
        if (form.LongRope is { } rope)
        {
            ChooseRotaryTables(rope, rotated);
            return;
        }

        var tables = RotaryTables.Compute(config.MaxPositions, rotated, config.RotaryBase);
        file.Add("cos_cache", tables.Cos, config.MaxPositions, rotated / 2);
        file.Add("sin_cache", tables.Sin, config.MaxPositions, rotated / 2);
    }

    private void ChooseRotaryTables(LongRope rope, int rotated)
    {
        const string Rope = "/model/rope_caches_subgraph/";
        var limit = $"/model/constants/INT64/{rope.OriginalContext}";
        var magnitude = rope.Magnitude(config.MaxPositions);
        model.Graph.Initializer.Add(Protos.Integers(limit, [], rope.OriginalContext));
        Add("", "Greater", Rope + "Greater", [Mask + "Gather/output_0", limit], Rope + "Greater/output_0");
        var choice = Add("", "If", Rope + "If", [Rope + "Greater/output_0"], "cos_cache", "sin_cache");
        choice.Attribute.Add(RotaryTables.Compute(rope.OriginalContext, rotated, config.RotaryBase, null, magnitude).Branch("else_branch", "small"));
        choice.Attribute.Add(RotaryTables.Compute(config.MaxPositions, rotated, config.RotaryBase, rope.LongFactors, magnitude).Branch("then_branch", "large"));
    }

    private void AddLayers()
    {
        var stream = Embed();
        var branch = "";
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var normed = Norm($"layers.{layer}.input_layernorm", ref stream, branch);
            var attended = Attention(layer, normed);
            if (form.Phi2)
            {
                var sum = $"/model/layers.{layer}/residual_add/Add";
                branch = sum + "/output_0";
                Add("", "Add", sum, [attended, Mlp(layer, normed)], branch);
            }
            else
            {
                branch = GatedMlp(layer, Norm($"layers.{layer}.post_attention_layernorm", ref stream, attended));
            }
        }

        var last = Norm($"layers.{config.Layers}.final_norm_layernorm", ref stream, branch);
        Linear(Head, config.VocabularySize, config.HiddenSize, last, "logits");
    }

    private string Embed()
    {
        const string Path = "/model/embed_tokens/";
        if (!form.SharedEmbedding)
        {
            weights.AddFloat(file, "model.embed_tokens.weight", config.VocabularySize, config.HiddenSize);
            Add("", "Gather", Path + "Gather", ["model.embed_tokens.weight", "input_ids"], Path + "Gather/output_0");
            return Path + "Gather/output_0";
        }

        weights.AddInt4(file, Head, config.VocabularySize, config.HiddenSize);
        var shape = $"/model/constants/INT64/[{config.VocabularySize}, {config.HiddenSize / 2}]";
        model.Graph.Initializer.Add(Protos.Integers(shape, [2], config.VocabularySize, config.HiddenSize / 2));
        Add("", "Reshape", Path + "Reshape", [WeightFile.Codes(Head), shape], Path + "Reshape/output_0");
        var gather = Add(Protos.Microsoft, "GatherBlockQuantized", Path + "GatherBlockQuantized", [Path + "Reshape/output_0", "input_ids", WeightFile.Scales(Head)], Path + "GatherBlockQuantized/output_0");
        gather.Set("bits", 4);
        gather.Set("block_size", Int4Block.Size);
        gather.Set("gather_axis", 0);
        gather.Set("quantize_axis", 1);
        return Path + "GatherBlockQuantized/output_0";
    }
}
