namespace EdgeGateway.Phi.Onnx;

/// <summary>
/// Longrope models hold two rotary tables behind an If on the total length. Keys cached under one table are wrong under the other, so the
/// engine must know where the graph changes over.
/// </summary>
internal static class RotarySwitch
{
    /// <summary>The longest total length that still uses the short table; null when the graph has only one table.</summary>
    public static int? Find(OnnxGraph graph)
    {
        var table = graph.Nodes.First(node => node.OpType == "GroupQueryAttention").InputAt(7);
        if (table is null || graph.Producer(table) is not { } choice)
        {
            return null;
        }

        if (choice is { OpType: "If", Input.Count: 1 } && graph.Producer(choice.Input[0]) is { OpType: "Greater", Input.Count: 2 } greater
            && graph.Constant(greater.Input[1]) is > 0 and <= int.MaxValue and var tokens)
        {
            return (int)tokens;
        }

        throw graph.Refuse($"{choice.Name} chooses rotary tables in a way that is not known", RefusalReason.GraphUnsupported);
    }

    /// <summary>
    /// Positions and width of the tables that an attention uses, of the longer ones where there are two; null when they are not known. The positions are the longest
    /// sequence that can run.
    /// </summary>
    public static (long Positions, long Width)? TableShape(OnnxGraph graph, NodeProto attention)
    {
        if (attention.InputAt(7) is not { } cache)
        {
            return null;
        }

        var tables = graph.Weight(cache) is { } table
            ? [table]
            : graph.Producer(cache) is { OpType: "If" } choice ? choice.Attribute.SelectMany(branch => branch.G?.Node ?? []).SelectMany(node => node.Attribute).Select(attribute => attribute.T) : [];
        return tables.Where(table => table is { Dims.Count: 2 }).Select(table => ((long, long)?)(table.Dims[0], table.Dims[1])).Max();
    }
}
