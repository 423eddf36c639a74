using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>
/// The operators by name, each with the inputs that it may have here. Their definitions: Operators.md of ONNX, ContribOperators.md of ONNX Runtime.
/// </summary>
internal static class Operators
{
    /// <summary>Gives the outputs in the operator's order; null for one that is not computed.</summary>
    /// <param name="node">Name and attributes.</param>
    /// <param name="inputs">Up to the last one that is given.</param>
    public static Tensor?[] Apply(NodeProto node, Tensor?[] inputs) => (node.OpType, inputs) switch
    {
        ("Cast", [{ } x]) => [x], // numbers of every type are held alike
        ("Shape", [{ } x]) => [new([x.Shape.Length], Array.ConvertAll(x.Shape, size => (float)size))],
        ("Reshape", [{ } x, { } shape]) => [x with { Shape = Array.ConvertAll(shape.Data, size => (int)size) }],
        ("Unsqueeze", [{ } x, { Data: [var axis] }]) => [x with { Shape = [.. x.Shape[..(int)axis], 1, .. x.Shape[(int)axis..]] }],
        ("Gather", [{ } x, { } indices]) => [Rows.Gather(x, indices, node.Whole("axis", 0))],
        ("ReduceSum", [{ Shape: [1, _] } mask, { Data: [1] }]) => [new(node.Whole("keepdims", 1) == 1 ? [1, 1] : [1], [mask.Data.Sum()])],
        ("Add", [{ } x, { } y]) => [Elements.Pair(x, y, (a, b) => a + b)],
        ("Sub", [{ } x, { } y]) => [Elements.Pair(x, y, (a, b) => a - b)],
        ("Mul", [{ } x, { } y]) => [Elements.Pair(x, y, (a, b) => a * b)],
        ("Greater", [{ } x, { } y]) => [Elements.Pair(x, y, (a, b) => a > b ? 1 : 0)],
        ("Sigmoid", [{ } x]) => [Elements.Each(x, Elements.Sigmoid)],
        ("FastGelu", [{ } x]) => [Elements.Each(x, Elements.TanhGelu)],
        ("Gelu", [{ } x]) when node.Text("approximate", "none") == "tanh" => [Elements.Each(x, Elements.TanhGelu)],
        ("LayerNormalization", [{ } x, { } scale, { } bias]) => [Rows.Normalize(x, scale, bias, node.Real("epsilon", 1e-5f))],
        ("SimplifiedLayerNormalization", [{ } x, { } scale]) => [Rows.Normalize(x, scale, bias: null, node.Real("epsilon", 1e-5f))],
        ("SkipLayerNormalization", [{ } x, { } skip, { } scale, { } bias]) => AddAndNormalize(node, x, skip, scale, bias),
        ("SkipSimplifiedLayerNormalization", [{ } x, { } skip, { } scale]) => AddAndNormalize(node, x, skip, scale, bias: null),
        ("MatMul", [{ } x, { } weight]) => [Rows.Multiply(x, Rows.Transpose(weight))],
        ("MatMulNBits", [{ } x, { } codes, { } scales, .. { Length: <= 1 } zeros]) =>
            [Rows.Multiply(x, Quantized.Weight(node, codes, scales, zeros.FirstOrDefault()))],
        ("DequantizeLinear", [{ } codes, { } scales, .. { Length: <= 1 } zeros]) =>
            [Quantized.Dequantize(codes, scales, zeros.FirstOrDefault(), 0, node.Whole("axis", 1), node.Whole("block_size"))],
        ("GatherBlockQuantized", [{ } codes, { } ids, { } scales, .. { Length: <= 1 } zeros]) =>
            [Rows.Gather(Quantized.Table(node, codes, scales, zeros.FirstOrDefault()), ids, node.Whole("gather_axis", 0))],
        ("GroupQueryAttention", [{ } query, var key, var value, null, null, { } lengths, { }, { } cos, { } sin]) =>
            [Attention.Run(node, query, key, value, lengths, cos, sin)],
        _ => throw new NotSupportedException($"{node.Name}: {node.OpType} in a form that is not known"),
    };

    /// <summary>The fourth output is the sum, which the next layer adds to.</summary>
    private static Tensor?[] AddAndNormalize(NodeProto node, Tensor x, Tensor skip, Tensor scale, Tensor? bias)
    {
        var sum = Elements.Pair(x, skip, (a, b) => a + b);
        return [Rows.Normalize(sum, scale, bias, node.Real("epsilon", 1e-12f)), null, null, sum];
    }
}
