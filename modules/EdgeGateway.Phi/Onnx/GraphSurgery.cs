namespace EdgeGateway.Phi.Onnx;

/// <summary>The changes made to every graph at load. They touch nodes only; weights stay where they are.</summary>
internal static class GraphSurgery
{
    /// <summary>
    /// Computes the logits of the last row only, and what leads to them alone. A graph built with a pruned head is left as it is. The head may be
    /// followed by the addition of a bias (Phi-2).
    /// </summary>
    public static void KeepLastLogits(OnnxGraph graph, string logits)
    {
        var head = Head(graph, logits);
        if (graph.Producer(head.Input[0]) is { OpType: "Gather" or "Unsqueeze" or "GatherND" or "Slice" })
        {
            return;
        }

        ForgetRows(graph, LastRow.Select(graph, head), logits);
    }

    /// <summary>Asks every quantised product for float activations (level 1); other levels round them to 8 bits on the way.</summary>
    public static void ComputeInFloat(OnnxGraph graph)
    {
        foreach (var node in graph.Nodes.Where(node => node.OpType is "MatMulNBits"))
        {
            node.Set("accuracy_level", 1);
        }
    }

    /// <summary>
    /// Takes away the builder's sliding_window_cache: the cache here always has the full length, and the runtime would refuse a short one.
    /// The window itself (local_window_size) stays.
    /// </summary>
    public static void UseFullCache(OnnxGraph graph)
    {
        foreach (var node in graph.Nodes.Where(node => node.OpType == "GroupQueryAttention"))
        {
            if (node.Attribute("sliding_window_cache") is { } attribute)
            {
                node.Attribute.Remove(attribute);
            }
        }
    }

    /// <summary>The product that the logits come from.</summary>
    public static NodeProto Head(OnnxGraph graph, string logits)
    {
        var node = graph.Producer(logits);
        if (node is { OpType: "Add", Input.Count: 2 })
        {
            node = node.Input.Select(graph.Producer).FirstOrDefault(producer => producer is { OpType: "MatMulNBits" or "MatMul" });
        }

        return node is { OpType: "MatMulNBits" or "MatMul" }
            ? node
            : throw graph.Refuse($"the output \"{logits}\" does not come from a product with the head's weights", RefusalReason.GraphUnsupported);
    }

    /// <summary>The shapes noted for what now has one row no longer hold.</summary>
    private static void ForgetRows(OnnxGraph graph, IEnumerable<NodeProto> oneRow, string logits)
    {
        var names = oneRow.SelectMany(node => node.Output).ToHashSet();
        foreach (var note in graph.Model.Graph.ValueInfo.Where(note => names.Contains(note.Name)).ToArray())
        {
            graph.Model.Graph.ValueInfo.Remove(note);
        }

        if (graph.Output(logits)?.Type?.TensorType?.Shape is { Dim.Count: > 1 } shape)
        {
            shape.Dim[1] = new TensorShapeProto.Types.Dimension { DimValue = 1 };
        }
    }
}
