using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeGateway.Phi.Files;
using Google.Protobuf;
using static EdgeGateway.Phi.Onnx.TensorProto.Types;

namespace EdgeGateway.Phi.Onnx;

/// <summary>
/// Makes products with 4- or 8-bit block weights into products of 8-bit integers: each output's weights get one scale, each row of activations one of its own (dynamic per-token quantisation, as
/// in LLM.int8(), arXiv:2208.07339, without its outliers). Integers are summed exactly, so the bits depend neither on the rows computed together nor on the kernel.
/// </summary>
internal sealed class Int8Surgery
{
    private const string Prefix = "/engine/int8/";
    private const float Largest = 127;
    private const float Tiny = 1e-30f;
    private const byte Zero = 128;

    private readonly OnnxGraph graph;
    private readonly ModelFiles files;
    private readonly Dictionary<string, (string Codes, string Scale)> rows = [];

    private Int8Surgery(OnnxGraph graph, ModelFiles files)
    {
        this.graph = graph;
        this.files = files;
    }

    /// <summary>Bytes of the weights that <see cref="Apply"/> would make.</summary>
    public static long Bytes(OnnxGraph graph) => graph.Nodes.Where(node => BlockWeights.CanRead(graph, node)).Sum(node => node.Integer("K", 0) * node.Integer("N", 0));

    /// <summary>Changes every product but the head, which has one row to compute and is left in its own form.</summary>
    public static void Apply(OnnxGraph graph, ModelFiles files, NodeProto head)
    {
        var surgery = new Int8Surgery(graph, files);
        surgery.AddConstants();
        foreach (var node in graph.Nodes.Where(node => node != head && BlockWeights.CanRead(graph, node)).ToArray())
        {
            surgery.Replace(node);
        }
    }

    private void AddConstants()
    {
        var weights = graph.Model.Graph.Initializer;
        weights.Add(Protos.Integers(Prefix + "last", [1], -1));
        weights.Add(Tensor("step", DataType.Float, BitConverter.GetBytes(1 / Largest)));
        weights.Add(Tensor("tiny", DataType.Float, BitConverter.GetBytes(Tiny)));
        weights.Add(Tensor("zero", DataType.Uint8, [Zero]));
    }

    private void Replace(NodeProto node)
    {
        var nodes = graph.Model.Graph.Node;
        var at = nodes.IndexOf(node);
        nodes.RemoveAt(at);
        if (!rows.TryGetValue(node.Input[0], out var row))
        {
            row = Quantize(node.Input[0], ref at);
            rows.Add(node.Input[0], row);
        }

        var (codes, scales) = AddWeights(node);
        var path = $"{Prefix}{node.Output[0]}/";
        nodes.Insert(at, Protos.Node(Protos.Microsoft, "MatMulIntegerToFloat", path + "product", [row.Codes, codes, Prefix + "step", scales, Prefix + "zero"], path + "unscaled"));
        nodes.Insert(at + 1, Protos.Node("", "Mul", path + "scale", [path + "unscaled", row.Scale], node.Output[0]));
    }

    /// <summary>codes = round(127 x / largest of the row) + 128; the largest is the scale that the product is multiplied with.</summary>
    private (string Codes, string Scale) Quantize(string input, ref int at)
    {
        var path = $"{Prefix}{input}/";
        var largest = Protos.Node("", "ReduceMax", path + "largest", [path + "absolute", Prefix + "last"], path + "largest_or_zero");
        NodeProto[] steps =
        [
            Protos.Node("", "Abs", path + "abs", [input], path + "absolute"),
            largest,
            Protos.Node("", "Max", path + "max", [path + "largest_or_zero", Prefix + "tiny"], path + "row_scale"),
            Protos.Node("", "Div", path + "div", [input, path + "row_scale"], path + "relative"),
            Protos.Node("", "QuantizeLinear", path + "round", [path + "relative", Prefix + "step", Prefix + "zero"], path + "codes"),
        ];
        if (graph.Opset < 18)
        {
            // the axes were an attribute then
            largest.Input.RemoveAt(1);
            var axes = new AttributeProto { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints };
            axes.Ints.Add(-1);
            largest.Attribute.Add(axes);
        }

        foreach (var step in steps)
        {
            graph.Model.Graph.Node.Insert(at++, step);
        }

        return (path + "codes", path + "row_scale");
    }

    private (string Codes, string Scales) AddWeights(NodeProto node)
    {
        var weights = new BlockWeights(graph, node, files);
        var codes = new byte[weights.Inputs * weights.Outputs];
        var scales = new float[weights.Outputs];
        var row = new float[weights.Inputs];
        for (var output = 0; output < weights.Outputs; output++)
        {
            weights.Dequantize(output, row);
            var scale = Math.Max(Math.Abs(TensorPrimitives.MaxMagnitude<float>(row)) / Largest, Tiny);
            scales[output] = scale;
            for (var input = 0; input < weights.Inputs; input++)
            {
                codes[(input * weights.Outputs) + output] = (byte)(sbyte)MathF.Round(row[input] / scale);
            }
        }

        var name = $"{node.Output[0]}/";
        graph.Model.Graph.Initializer.Add(Tensor(name + "weights", DataType.Int8, codes, weights.Inputs, weights.Outputs));
        graph.Model.Graph.Initializer.Add(Tensor(name + "scales", DataType.Float, MemoryMarshal.AsBytes(scales.AsSpan()).ToArray(), weights.Outputs));
        return (Prefix + name + "weights", Prefix + name + "scales");
    }

    private static TensorProto Tensor(string name, DataType type, byte[] data, params long[] shape)
    {
        var tensor = new TensorProto { Name = Prefix + name, DataType = type, RawData = UnsafeByteOperations.UnsafeWrap(data) };
        tensor.Dims.AddRange(shape);
        return tensor;
    }
}
