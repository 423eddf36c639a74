using System.Globalization;
using System.Runtime.InteropServices;
using EdgeGateway.Phi.Onnx;
using Google.Protobuf;

namespace EdgeGateway.Phi.Weights;

/// <summary>Fills a piece of a tensor's bytes; called for one piece after the other.</summary>
internal delegate void FillBytes(Span<byte> piece);

/// <summary>Puts weights into the external data file, one after the other, and small ones into the graph itself.</summary>
internal sealed class WeightFile(GraphProto graph, string location, Stream data)
{
    private const int LargestInline = 1024;
    private const int Alignment = 64;
    private const int Piece = 1 << 20;

    /// <summary>Name of a matrix's 4-bit codes, [rows, blocks, 16] bytes.</summary>
    public static string Codes(string name) => name + ".MatMul.weight_Q4";

    /// <summary>Name of a matrix's scales, [rows, blocks] floats.</summary>
    public static string Scales(string name) => name + ".MatMul.weight_scales";

    public void Add(string name, ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        var rest = MemoryMarshal.AsBytes(values);
        Write(Begin(name, TensorProto.Types.DataType.Float, rest.Length, shape), rest);
    }

    public void Add(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<int> shape) =>
        Write(Begin(name, TensorProto.Types.DataType.Uint8, values.Length, shape), values);

    /// <summary>Writes a tensor that is never in memory as a whole. A piece holds whole floats.</summary>
    public void Add(string name, TensorProto.Types.DataType type, FillBytes fill, params ReadOnlySpan<int> shape)
    {
        long length = type == TensorProto.Types.DataType.Float ? sizeof(float) : 1;
        foreach (var size in shape)
        {
            length *= size;
        }

        var tensor = Begin(name, type, length, shape);
        var piece = new byte[Math.Min(length, Piece)];
        for (var left = length; left > 0; left -= piece.Length)
        {
            var part = piece.AsSpan(0, (int)Math.Min(left, piece.Length));
            fill(part);
            Write(tensor, part);
        }
    }

    private TensorProto Begin(string name, TensorProto.Types.DataType type, long length, ReadOnlySpan<int> shape)
    {
        var tensor = new TensorProto { Name = name, DataType = type };
        foreach (var size in shape)
        {
            tensor.Dims.Add(size);
        }

        if (length > LargestInline)
        {
            data.Write(new byte[(Alignment - (data.Position % Alignment)) % Alignment]);
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = data.Position.ToString(CultureInfo.InvariantCulture) });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length.ToString(CultureInfo.InvariantCulture) });
        }

        graph.Initializer.Add(tensor);
        return tensor;
    }

    private void Write(TensorProto tensor, ReadOnlySpan<byte> bytes)
    {
        if (tensor.HasDataLocation)
        {
            data.Write(bytes);
        }
        else
        {
            tensor.RawData = ByteString.CopyFrom(bytes);
        }
    }
}
