using System.Globalization;
using System.Runtime.InteropServices;
using EdgeGateway.Phi.Onnx;
using Google.Protobuf;

namespace EdgeGateway.Phi.Weights;

/// <summary>Puts weights into the external data file, one after the other, and small ones into the graph itself.</summary>
internal sealed class WeightFile(GraphProto graph, string location, Stream data)
{
    private const int LargestInline = 1024;
    private const int Alignment = 64;

    public void Add(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Add(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), shape);

    public void Add(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<long> shape) => Add(name, TensorProto.Types.DataType.Uint8, values, shape);

    private void Add(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape)
    {
        var tensor = new TensorProto { Name = name, DataType = type };
        tensor.Dims.AddRange(shape.ToArray());
        if (bytes.Length <= LargestInline)
        {
            tensor.RawData = ByteString.CopyFrom(bytes);
        }
        else
        {
            data.Write(new byte[(Alignment - (data.Position % Alignment)) % Alignment]);
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = data.Position.ToString(CultureInfo.InvariantCulture) });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = bytes.Length.ToString(CultureInfo.InvariantCulture) });
            data.Write(bytes);
        }

        graph.Initializer.Add(tensor);
    }
}
