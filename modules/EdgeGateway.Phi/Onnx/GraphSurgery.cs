using Google.Protobuf;

namespace EdgeGateway.Phi.Onnx;

/// <summary>Changes to a published graph at load. Weights are external and untouched, so this takes milliseconds.</summary>
internal static class GraphSurgery
{
    public const string MicrosoftDomain = "com.microsoft";
    public const string LogitsName = "logits";
    private const string AccuracyLevel = "accuracy_level";
    private const int FloatAccuracy = 1;
    private const int AttributeInt = 2;

    /// <summary>Makes every block-quantised product compute in float.</summary>
    public static void ComputeInFloat(GraphProto graph)
    {
        foreach (var node in graph.Node.Where(n => n.OpType == "MatMulNBits"))
        {
            var level = node.Attribute.FirstOrDefault(a => a.Name == AccuracyLevel);
            if (level is null)
            {
                node.Attribute.Add(level = new AttributeProto { Name = AccuracyLevel, Type = AttributeInt });
            }

            level.I = FloatAccuracy;
        }
    }

    /// <summary>
    /// Puts "last row only" before the head, as the builder's prune_lm_head does: Gather of index -1 along the sequence, and Unsqueeze. Does nothing when the graph has it.
    /// </summary>
    public static void KeepLastRow(GraphProto graph)
    {
        var head = HeadOf(graph);
        var hidden = head.Input[0];
        if (graph.Node.Any(n => n.OpType == "Unsqueeze" && n.Output.Contains(hidden)))
        {
            return;
        }

        const string Prefix = "edgegateway/last_row";
        graph.Initializer.Add(Int64($"{Prefix}/index", [], -1));
        graph.Initializer.Add(Int64($"{Prefix}/axis", [1], 1));
        var gather = new NodeProto { OpType = "Gather", Name = Prefix, Input = { hidden, $"{Prefix}/index" }, Output = { $"{Prefix}/row" } };
        gather.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeInt, I = 1 });
        var unsqueeze = new NodeProto { OpType = "Unsqueeze", Name = $"{Prefix}/unsqueeze", Input = { $"{Prefix}/row", $"{Prefix}/axis" }, Output = { $"{Prefix}/hidden" } };
        graph.Node.Insert(graph.Node.IndexOf(head), gather);
        graph.Node.Insert(graph.Node.IndexOf(head), unsqueeze);
        head.Input[0] = unsqueeze.Output[0];
    }

    /// <summary>The product that makes the logits, also where a bias is added behind it.</summary>
    private static NodeProto HeadOf(GraphProto graph)
    {
        var node = graph.Node.FirstOrDefault(n => n.Output.Contains(LogitsName));
        while (node is { OpType: "Add" or "Cast" })
        {
            node = graph.Node.FirstOrDefault(n => n.Output.Count > 0 && node.Input.Contains(n.Output[0]));
        }

        return node is { OpType: "MatMulNBits" or "MatMul" }
            ? node
            : throw new ModelRefusedException(RefusalReason.Unsupported, $"The graph's \"{LogitsName}\" come from {node?.OpType ?? "no node"}, not from a product with a head.");
    }

    private static TensorProto Int64(string name, long[] dims, long value)
    {
        var tensor = new TensorProto { Name = name, DataType = TensorTypes.Int64, RawData = ByteString.CopyFrom(BitConverter.GetBytes(value)) };
        tensor.Dims.AddRange(dims);
        return tensor;
    }
}

/// <summary>Element types of ONNX tensors.</summary>
internal static class TensorTypes
{
    public const int Float = 1;
    public const int UInt8 = 2;
    public const int Int32 = 6;
    public const int Int64 = 7;
}
