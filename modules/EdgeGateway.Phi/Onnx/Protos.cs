using Google.Protobuf;

namespace EdgeGateway.Phi.Onnx;

/// <summary>Short ways to read and write the parts of an ONNX model.</summary>
internal static class Protos
{
    public const string Microsoft = "com.microsoft";

    /// <summary>An optional input counts as absent when it is missing or has an empty name.</summary>
    public static string? InputAt(this NodeProto node, int index) => index < node.Input.Count && node.Input[index].Length > 0 ? node.Input[index] : null;

    public static AttributeProto? Attribute(this NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    public static long Integer(this NodeProto node, string name, long fallback) => node.Attribute(name)?.I ?? fallback;

    public static void Set(this NodeProto node, string name, long value)
    {
        if (node.Attribute(name) is { } present)
        {
            present.I = value;
            return;
        }

        node.Attribute.Add(new AttributeProto { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int });
    }

    public static void Set(this NodeProto node, string name, float value) =>
        node.Attribute.Add(new AttributeProto { Name = name, F = value, Type = AttributeProto.Types.AttributeType.Float });

    public static void Set(this NodeProto node, string name, string value) =>
        node.Attribute.Add(new AttributeProto { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String });

    public static NodeProto Node(string domain, string type, string name, string[] inputs, params string[] outputs)
    {
        var node = new NodeProto { Domain = domain, OpType = type, Name = name };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        return node;
    }

    /// <summary>A small tensor of 64-bit integers, kept inside the graph file; no shape gives a scalar.</summary>
    public static TensorProto Integers(string name, long[] shape, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = TensorProto.Types.DataType.Int64, RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())) };
        tensor.Dims.AddRange(shape);
        return tensor;
    }

    /// <summary>A graph input or output; a dimension is a number or a symbol.</summary>
    public static ValueInfoProto Value(string name, TensorProto.Types.DataType type, params object[] shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (var size in shape)
        {
            dimensions.Dim.Add(size is string symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size, System.Globalization.CultureInfo.InvariantCulture) });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = dimensions } } };
    }

    /// <summary>Bits of one number; 0 for element types that only occur in small constants.</summary>
    public static int ElementBits(this TensorProto tensor) => tensor.DataType switch
    {
        TensorProto.Types.DataType.Int4 or TensorProto.Types.DataType.Uint4 => 4,
        TensorProto.Types.DataType.Uint8 or TensorProto.Types.DataType.Int8 or TensorProto.Types.DataType.Bool => 8,
        TensorProto.Types.DataType.Float16 or TensorProto.Types.DataType.Bfloat16 => 16,
        TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Int32 => 32,
        TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Double => 64,
        _ => 0,
    };

    /// <summary>Numbers in a tensor whose shape was checked.</summary>
    public static long Elements(this TensorProto tensor) => tensor.Dims.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes of a tensor whose shape was checked.</summary>
    public static long Bytes(this TensorProto tensor) => ((tensor.Elements() * tensor.ElementBits()) + 7) / 8;

    public static TensorProto.Types.DataType ElementType(this ValueInfoProto value) => value.Type?.TensorType?.ElemType ?? TensorProto.Types.DataType.Undefined;

    /// <summary>The fixed size of a dimension; null when it is a symbol, unknown or not there.</summary>
    public static long? SizeAt(this ValueInfoProto value, int dimension) =>
        value.Type?.TensorType?.Shape is { } shape && dimension < shape.Dim.Count && shape.Dim[dimension] is { ValueCase: TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue } size
            ? size.DimValue
            : null;
}
