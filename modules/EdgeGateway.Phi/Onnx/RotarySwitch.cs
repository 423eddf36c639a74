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
}
