using System.Globalization;
using System.Runtime.InteropServices;
using EdgeGateway.Phi.Onnx;
using DataType = EdgeGateway.Phi.Onnx.TensorProto.Types.DataType;

namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>Reads the tensors of an ONNX graph, inside the graph file or in a data file beside it.</summary>
internal sealed class TensorReader(string folder)
{
    private readonly Dictionary<string, byte[]> files = [];

    public Tensor Read(TensorProto tensor)
    {
        var shape = tensor.Dims.Select(size => (int)size).ToArray();
        var external = tensor.ExternalData.ToDictionary(entry => entry.Key, entry => entry.Value);
        var bytes = external.Count > 0 ? External(external) : tensor.RawData.ToByteArray();
        return new Tensor(shape, Numbers(bytes, tensor.DataType, shape.Aggregate(1, (product, size) => product * size)), tensor.DataType);
    }

    private byte[] External(Dictionary<string, string> entries)
    {
        if (!files.TryGetValue(entries["location"], out var file))
        {
            file = File.ReadAllBytes(Path.Combine(folder, entries["location"]));
            files.Add(entries["location"], file);
        }

        var offset = Number("offset", 0);
        return file.AsSpan(offset, Number("length", file.Length - offset)).ToArray();

        int Number(string key, int absent) => entries.TryGetValue(key, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : absent;
    }

    /// <summary>4-bit numbers stand two to a byte, the first one in the low half.</summary>
    private static float[] Numbers(byte[] bytes, DataType type, int count)
    {
        return type switch
        {
            DataType.Float => MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[..count].ToArray(),
            DataType.Int64 => Array.ConvertAll(MemoryMarshal.Cast<byte, long>(bytes.AsSpan())[..count].ToArray(), number => (float)number),
            DataType.Uint8 => Array.ConvertAll(bytes[..count], number => (float)number),
            DataType.Uint4 => [.. Enumerable.Range(0, count).Select(i => (float)Nibble(i))],
            DataType.Int4 => [.. Enumerable.Range(0, count).Select(i => (float)((Nibble(i) ^ 8) - 8))],
            _ => throw new NotSupportedException($"tensors of {type}"),
        };

        int Nibble(int index) => (bytes[index / 2] >> (4 * (index % 2))) & 15;
    }
}
