using System.Text.RegularExpressions;

namespace EdgeGateway.Phi.Onnx;

/// <summary>A product with a matrix of weights, in any of the forms that builders write.</summary>
/// <param name="Weight">The codes, or the float matrix.</param>
/// <param name="Companions">Scales and zero points.</param>
internal sealed partial record Product(string Kind, string Operator, long Inputs, long Outputs, WeightQuantization? Quantization, TensorProto Weight, TensorProto[] Companions)
{
    /// <summary>All products in the order of the graph. LoRA slots, whose weights come from outside, are none.</summary>
    public static IEnumerable<Product> Find(OnnxGraph graph) => graph.Nodes.Select(node => node.OpType switch
    {
        "MatMulNBits" => Blocks(graph, node),
        "MatMul" => Plain(graph, node),
        _ => null,
    }).OfType<Product>();

    private static Product? Blocks(OnnxGraph graph, NodeProto node) => WeightAt(graph, node, 1) is { } codes
        ? new Product(
            KindOf(node), node.OpType, node.Integer("K", 0), node.Integer("N", 0),
            new WeightQuantization((int)node.Integer("bits", 4), (int)node.Integer("block_size", 0), node.InputAt(3) is null, (int)node.Integer("accuracy_level", 0)),
            codes, WeightsFrom(graph, node, 2))
        : null;

    private static Product? Plain(OnnxGraph graph, NodeProto node)
    {
        if (WeightAt(graph, node, 1) is { Dims.Count: 2 } matrix)
        {
            return graph.Input(matrix.Name) is null ? new Product(KindOf(node), node.OpType, matrix.Dims[0], matrix.Dims[1], null, matrix, []) : null;
        }

        return node.InputAt(1) is { } name && graph.Producer(name) is { OpType: "DequantizeLinear" } expand && WeightAt(graph, expand, 0) is { Dims.Count: 2 } codes
            ? new Product(
                KindOf(node), expand.OpType, codes.Dims[0], codes.Dims[1],
                new WeightQuantization(codes.ElementBits(), (int)expand.Integer("block_size", 0), expand.InputAt(2) is null, null),
                codes, WeightsFrom(graph, expand, 1))
            : null;
    }

    private static TensorProto? WeightAt(OnnxGraph graph, NodeProto node, int input) => node.InputAt(input) is { } name ? graph.Weight(name) : null;

    private static TensorProto[] WeightsFrom(OnnxGraph graph, NodeProto node, int from) =>
        [.. node.Input.Skip(from).Select(graph.Weight).OfType<TensorProto>()];

    private static string KindOf(NodeProto node) => LayerAndOperator().Replace(node.Name, "").Trim('/');

    /// <summary>"/model/layers.3/" and "/MatMul_Q4" in "/model/layers.3/attn/qkv_proj/MatMul_Q4".</summary>
    [GeneratedRegex(@"^.*layers\.\d+/|/MatMul[^/]*$", RegexOptions.CultureInvariant)]
    private static partial Regex LayerAndOperator();
}
