using System.Runtime.InteropServices;
using EdgeGateway.Phi.Files;

namespace EdgeGateway.Phi.Onnx;

/// <summary>
/// Holds genai_config.json against the graph. The runtime itself loads folders whose configuration is wrong, and then reads or writes past
/// what was meant; so every size that the engine relies on is compared here.
/// </summary>
internal sealed class GraphCheck(OnnxGraph graph, PhiModelConfig config, ModelFiles files)
{
    public void Check()
    {
        CheckInputs();
        CheckLogits();
        CheckCache();
        new OperatorCheck(graph).Check();
        new AttentionCheck(graph, config).Check();
        foreach (var node in graph.Nodes)
        {
            CheckProduct(node);
            CheckEmbedding(node);
        }
    }

    private void CheckInputs()
    {
        foreach (var name in (string[])[config.Names.InputIds, config.Names.AttentionMask])
        {
            var input = graph.Input(name) ?? throw graph.Refuse($"it has no input \"{name}\"", RefusalReason.GraphUnsupported);
            if (input.ElementType() != TensorProto.Types.DataType.Int64)
            {
                throw graph.Refuse($"input {name} is {input.ElementType()}, not int64", RefusalReason.GraphUnsupported);
            }
        }

        var expected = 2 + (2 * config.Layers);
        var foreign = graph.Model.Graph.Input.FirstOrDefault(input => graph.Weight(input.Name) is null && !IsKnown(input.Name));
        if (foreign is not null)
        {
            var layers = graph.Nodes.Count(node => node.OpType == "GroupQueryAttention");
            throw layers != config.Layers
                ? graph.Disagrees("num_hidden_layers", config.Layers, layers)
                : graph.Refuse($"it has an input \"{foreign.Name}\" beyond the {expected} that are known", RefusalReason.GraphUnsupported);
        }
    }

    private bool IsKnown(string input) => input == config.Names.InputIds || input == config.Names.AttentionMask
        || Enumerable.Range(0, config.Layers).Any(layer => input == config.Names.PastKey(layer) || input == config.Names.PastValue(layer));

    private void CheckLogits()
    {
        var logits = graph.Output(config.Names.Logits) ?? throw graph.Refuse($"it has no output \"{config.Names.Logits}\"", RefusalReason.GraphUnsupported);
        if (logits.ElementType() != TensorProto.Types.DataType.Float)
        {
            throw graph.Refuse($"output {logits.Name} is {logits.ElementType()}, not float: the model was built for another device than the CPU", RefusalReason.GraphUnsupported);
        }

        graph.Compare("vocab_size", config.VocabularySize, logits.SizeAt(2));
    }

    private void CheckCache()
    {
        for (var layer = 0; layer < config.Layers; layer++)
        {
            foreach (var past in (string[])[config.Names.PastKey(layer), config.Names.PastValue(layer)])
            {
                var input = graph.Input(past) ?? throw graph.Disagrees("num_hidden_layers", config.Layers, layer);
                if (input.ElementType() != TensorProto.Types.DataType.Float)
                {
                    throw graph.Refuse($"input {past} is {input.ElementType()}, not float: the model was built for another device than the CPU", RefusalReason.GraphUnsupported);
                }

                graph.Compare("num_key_value_heads", config.KeyValueHeads, input.SizeAt(1));
                graph.Compare("head_size", config.HeadSize, input.SizeAt(3));
            }

            foreach (var present in (string[])[config.Names.PresentKey(layer), config.Names.PresentValue(layer)])
            {
                _ = graph.Output(present) ?? throw graph.Refuse($"it has no output \"{present}\"", RefusalReason.GraphUnsupported);
            }
        }
    }

    /// <summary>A quantised product must have codes and scales of the size that its own numbers give.</summary>
    private void CheckProduct(NodeProto node)
    {
        if (node.OpType != "MatMulNBits")
        {
            return;
        }

        long inputs = node.Integer("K", 0), outputs = node.Integer("N", 0), bits = node.Integer("bits", 4), block = node.Integer("block_size", 0);
        if (inputs is < 1 or > 1 << 24 || outputs is < 1 or > 1 << 24 || bits is not (4 or 8) || block is < 16 or > 1024 || !long.IsPow2(block))
        {
            throw graph.Refuse($"{node.Name} has K {inputs}, N {outputs}, bits {bits}, block_size {block}, which no kernel runs");
        }

        var blocks = (inputs + block - 1) / block;
        CheckSize(node, 1, "codes", TensorProto.Types.DataType.Uint8, outputs * blocks * block * bits / 8);
        CheckSize(node, 2, "scales", TensorProto.Types.DataType.Float, outputs * blocks);
        CheckSize(node, 3, "zero points", TensorProto.Types.DataType.Uint8, outputs * (((blocks * bits) + 7) / 8));
        CheckSize(node, 4, "block indices", TensorProto.Types.DataType.Int32, inputs);
        CheckSize(node, 5, "biases", TensorProto.Types.DataType.Float, outputs);
        if (node.InputAt(4) is { } order && MemoryMarshal.Cast<byte, int>(files.ReadTensor(graph.Weight(order)!)).IndexOfAnyExceptInRange(0, (int)blocks - 1) >= 0)
        {
            throw graph.Refuse($"{node.Name} names a block that it does not have");
        }
    }

    /// <summary>The runtime repacks these by the node's numbers alone, so nothing but a weight of just this type and size will do.</summary>
    private void CheckSize(NodeProto node, int input, string what, TensorProto.Types.DataType type, long size)
    {
        if (node.InputAt(input) is not { } name)
        {
            return;
        }

        if (graph.Weight(name) is not { } weight || weight.DataType != type || (!weight.HasRawData && weight.ExternalData.Count == 0))
        {
            throw graph.Refuse($"{node.Name} takes its {what} from \"{name}\", which is no weight of the type {type}", RefusalReason.GraphUnsupported);
        }

        if (weight.Dims.Aggregate(1L, (product, dimension) => product * dimension) != size)
        {
            throw graph.Refuse($"{node.Name} needs {size} {what} for its block_size, but \"{name}\" has the shape [{string.Join(", ", weight.Dims)}]");
        }
    }

    private void CheckEmbedding(NodeProto node)
    {
        if (node.OpType == "Gather" && node.InputAt(1) == config.Names.InputIds && graph.Weight(node.Input[0]) is { Dims.Count: 2 } table)
        {
            graph.Compare("vocab_size", config.VocabularySize, table.Dims[0]);
            graph.Compare("hidden_size", config.HiddenSize, table.Dims[1]);
        }
    }
}
