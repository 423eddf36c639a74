using EdgeGateway.Phi.Onnx;
using Google.Protobuf;
using static EdgeGateway.Phi.Onnx.TensorProto.Types;

namespace EdgeGateway.Phi.Weights;

/// <summary>Cosines and sines of rotary embedding, [positions, rotated numbers / 2] each.</summary>
internal sealed record RotaryTables(int Positions, float[] Cos, float[] Sin)
{
    /// <summary>Computes both tables.</summary>
    /// <param name="factors">What each frequency is divided by; null for plain tables.</param>
    public static RotaryTables Compute(int positions, int rotated, double rotaryBase, float[]? factors = null, double magnitude = 1)
    {
        var half = rotated / 2;
        var (cos, sin) = (new float[positions * half], new float[positions * half]);
        for (var i = 0; i < cos.Length; i++)
        {
            // float frequencies as in PyTorch; the angle in double so that every platform rounds alike
            var frequency = (float)(1 / (Math.Pow(rotaryBase, 2.0 * (i % half) / rotated) * (factors?[i % half] ?? 1)));
            var (sine, cosine) = Math.SinCos((float)(i / half) * frequency);
            (sin[i], cos[i]) = ((float)(sine * magnitude), (float)(cosine * magnitude));
        }

        return new RotaryTables(positions, cos, sin);
    }

    /// <summary>A branch of an If that gives these tables, which the official builder keeps inside the graph file.</summary>
    public AttributeProto Branch(string branch, string size)
    {
        var graph = new GraphProto { Name = size + "_rope_caches_graph" };
        Add("cos_cache", Cos);
        Add("sin_cache", Sin);
        return new AttributeProto { Name = branch, G = graph, Type = AttributeProto.Types.AttributeType.Graph };

        void Add(string cache, float[] values)
        {
            var output = $"{cache}_{size}";
            var width = values.Length / Positions;
            var tensor = new TensorProto { DataType = DataType.Float, RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())) };
            tensor.Dims.AddRange([Positions, width]);
            var constant = Protos.Node("", "Constant", $"/{size}/{cache}/Constant", [], output);
            constant.Attribute.Add(new AttributeProto { Name = "value", T = tensor, Type = AttributeProto.Types.AttributeType.Tensor });
            graph.Node.Add(constant);
            graph.Output.Add(Protos.Value(output, DataType.Float, Positions, width));
        }
    }
}
