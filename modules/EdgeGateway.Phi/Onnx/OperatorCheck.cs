namespace EdgeGateway.Phi.Onnx;

/// <summary>
/// Lets only such graphs through as models of this kind need: known operators, each with the inputs that its later readers and the runtime count on, no loops, and nothing that makes a tensor of
/// any size that it likes. A weight that nobody reads tells of a name that was damaged.
/// </summary>
internal sealed class OperatorCheck(OnnxGraph graph)
{
    /// <summary>By the fewest inputs that an operator has: those of the builder, and what fine-tuned or optimised graphs of the same models may hold beside them.</summary>
    private static readonly string[][] Operators =
    [
        ["Constant"],
        ["Cast", "Clip", "Concat", "Erf", "FastGelu", "Flatten", "Gelu", "Identity", "If", "Max", "Min", "Neg", "QuickGelu", "ReduceMean", "ReduceSum", "Shape", "Sigmoid", "Softmax", "Split", "Sqrt", "Squeeze", "Tanh", "Transpose"],
        [
            "Add", "BiasGelu", "DequantizeLinear", "Div", "Equal", "FusedMatMul", "Gather", "GatherND", "Gemm", "Greater", "GreaterOrEqual", "LayerNormalization", "Less", "LessOrEqual", "MatMul", "Mul", "Pow", "Reshape",
            "RMSNormalization", "SimplifiedLayerNormalization", "Sub", "Unsqueeze",
        ],
        ["GatherBlockQuantized", "MatMulNBits", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "Slice", "Where"],
    ];

    private static readonly Dictionary<string, int> FewestInputs = Operators.SelectMany((names, fewest) => names.Select(name => (name, fewest))).Append(("GroupQueryAttention", 9)).ToDictionary();

    public void Check()
    {
        foreach (var node in graph.Nodes)
        {
            CheckInputs(node);
            CheckBranches(node);
        }

        CheckReaders();
    }

    private void CheckInputs(NodeProto node)
    {
        if (!FewestInputs.TryGetValue(node.OpType, out var fewest) || node.Domain is not ("" or "ai.onnx" or Protos.Microsoft))
        {
            throw graph.Refuse($"{node.Name} is the operator {node.Domain} {node.OpType}, which no known model of this kind has", RefusalReason.GraphUnsupported);
        }

        // the attention's query stands alone when key and value are packed into it
        if (node.Input.Count < fewest || node.Output.Count == 0 || (fewest > 0 && node.Input[0].Length == 0) || node.Output[0].Length == 0)
        {
            throw graph.Refuse($"{node.Name} ({node.OpType}) has {node.Input.Count} inputs and {node.Output.Count} outputs, fewer than it needs");
        }
    }

    /// <summary>The builder chooses between rotary tables, which are constants inside the branches.</summary>
    private void CheckBranches(NodeProto node)
    {
        var branches = node.Attribute.Where(attribute => attribute.G is not null || attribute.Graphs.Count > 0).ToArray();
        var known = node.OpType == "If"
            ? branches.Length == 2 && Array.TrueForAll(branches, branch => branch.Graphs.Count == 0 && branch.G.Node.Count > 0 && branch.G.Node.All(inner => inner.OpType is "Constant" or "Identity"))
            : branches.Length == 0;
        if (!known)
        {
            throw graph.Refuse($"{node.Name} ({node.OpType}) has branches that hold more than constants", RefusalReason.GraphUnsupported);
        }
    }

    private void CheckReaders()
    {
        var read = graph.Nodes.SelectMany(node => node.Input).Concat(graph.Model.Graph.Output.Select(output => output.Name)).ToHashSet();
        foreach (var attribute in graph.Nodes.SelectMany(node => node.Attribute).Where(attribute => attribute.G is not null))
        {
            read.UnionWith(attribute.G.Node.SelectMany(inner => inner.Input));
        }

        if (graph.Model.Graph.Initializer.FirstOrDefault(weight => !read.Contains(weight.Name)) is { } weight)
        {
            throw graph.Refuse($"no node reads the weight \"{weight.Name}\"");
        }
    }
}
