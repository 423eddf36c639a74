using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Weights;
using Google.FlatBuffers;

namespace EdgeGateway.Phi.Lora;

/// <summary>
/// ONNX Runtime's .onnx_adapter file: a FlatBuffer with the identifier TORT (schema onnxruntime/lora/adapter_format/adapter_schema.fbs). Parameters are named like the
/// graph inputs that Olive's ExtractAdapters pass makes, A [inputs, rank] and B [rank, outputs] with the scale folded in.
/// </summary>
internal sealed partial class OnnxAdapterFile
{
    public const string Extension = ".onnx_adapter";
    private const int LargestFile = 1 << 30;
    private const string Identifier = "TORT";
    private const int Version = 1;

    // vtable offsets: 4 + 2 * (number of the field in the schema)
    private const int FormatVersion = 4;
    private const int Parameters = 10;
    private const int ParameterName = 4;
    private const int ParameterDims = 6;
    private const int ParameterType = 8;
    private const int ParameterData = 10;

    private readonly string file;
    private readonly byte[] bytes;
    private readonly ByteBuffer buffer;
    private long unread;

    private OnnxAdapterFile(string file, byte[] bytes)
    {
        this.file = file;
        this.bytes = bytes;
        buffer = new ByteBuffer(bytes);
        unread = bytes.Length;
    }

    /// <summary>Reads a file of a folder, or in memory.</summary>
    public static IReadOnlyList<LoraDelta> Read(ModelFiles files, string name)
    {
        var length = files.Length(name, "the adapter's path");
        CheckLength(name, length);
        var bytes = files.Read(name, 0, length);
        try
        {
            return new OnnxAdapterFile(name, bytes).Deltas();
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException or DecoderFallbackException)
        {
            throw new ModelRefusedException(RefusalReason.AdapterInvalid, $"{name} is cut short or contradicts itself; copy or export the file again.", e);
        }
        finally
        {
            Array.Clear(bytes);
        }
    }

    /// <summary>Refuses what is larger than any adapter before it is read.</summary>
    public static void CheckLength(string name, long length)
    {
        if (length > LargestFile)
        {
            throw new ModelRefusedException(RefusalReason.AdapterInvalid, $"{name} has {length >> 20} MiB, more than {LargestFile >> 20}; give an adapter, not a whole model.");
        }
    }

    /// <summary>Writes the file; factors are aligned to 8 bytes, as the runtime wants them.</summary>
    public static void Write(string path, IReadOnlyList<LoraDelta> deltas)
    {
        var builder = new FlatBufferBuilder(1 << 16);
        var parameters = deltas
            .SelectMany(delta => new[] { Add(builder, delta.Name + ".lora_A.weight", delta.A), Add(builder, delta.Name + ".lora_B.weight", delta.B) })
            .ToArray();
        builder.StartVector(sizeof(int), parameters.Length, sizeof(int));
        foreach (var parameter in parameters.Reverse())
        {
            builder.AddOffset(parameter);
        }

        var list = builder.EndVector();
        builder.StartTable(4);
        builder.AddInt(Slot(FormatVersion), Version, 0);
        builder.AddInt(1, 1, 0); // adapter_version
        builder.AddInt(2, 1, 0); // model_version
        builder.AddOffset(Slot(Parameters), list.Value, 0);
        builder.Finish(builder.EndTable(), Identifier);
        using var file = File.Create(path);
        file.Write(builder.SizedByteArray());
    }

    private static int Add(FlatBufferBuilder builder, string name, FloatTensor tensor)
    {
        var data = Bytes(builder, MemoryMarshal.AsBytes(tensor.Data.AsSpan()));
        var dims = Bytes(builder, MemoryMarshal.AsBytes(Array.ConvertAll(tensor.Shape, size => (long)size).AsSpan()), sizeof(long));
        var text = builder.CreateString(name);
        builder.StartTable(4);
        builder.AddOffset(Slot(ParameterName), text.Value, 0);
        builder.AddOffset(Slot(ParameterDims), dims, 0);
        builder.AddInt(Slot(ParameterType), 1, 0);
        builder.AddOffset(Slot(ParameterData), data, 0);
        return builder.EndTable();
    }

    /// <summary>A vector of little-endian items, aligned to 8 bytes.</summary>
    private static int Bytes(FlatBufferBuilder builder, ReadOnlySpan<byte> bytes, int itemSize = 1)
    {
        builder.StartVector(itemSize, bytes.Length / itemSize, sizeof(long));
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            builder.PutByte(bytes[i]);
        }

        return builder.EndVector().Value;
    }

    /// <summary>Number of a field in the schema.</summary>
    private static int Slot(int field) => (field - 4) / 2;

    private LoraDelta[] Deltas()
    {
        if (bytes.Length < 16 || !Table.__has_identifier(buffer, Identifier))
        {
            throw Refuse($"is no adapter file of ONNX Runtime (identifier {Identifier})");
        }

        var root = new Table(buffer.GetInt(0), buffer);
        if (Field(root, FormatVersion) is var version && (version == 0 || buffer.GetInt(version) != Version))
        {
            throw Refuse($"has another format version than {Version}");
        }

        var tensors = new Dictionary<string, FloatTensor>();
        var (start, count) = Vector(root, Parameters, 4);
        for (var i = 0; i < count; i++)
        {
            var place = start + (4 * i);
            var (name, tensor) = Parameter(new Table(checked(place + buffer.GetInt(place)), buffer));
            if (!tensors.TryAdd(name, tensor))
            {
                throw Refuse($"holds \"{name}\" twice");
            }
        }

        return tensors.Keys.Select(Module).Distinct().Order(StringComparer.Ordinal).Select(module => Delta(module, tensors)).ToArray();
    }

    private LoraDelta Delta(string module, Dictionary<string, FloatTensor> tensors)
    {
        if (!tensors.TryGetValue(module + ".lora_A.weight", out var a) || !tensors.TryGetValue(module + ".lora_B.weight", out var b))
        {
            throw Refuse($"has only one of the two factors of {module}");
        }

        var delta = new LoraDelta(module, a, b);
        return a.Shape.Length == 2 && b.Shape.Length == 2 && a.Shape[1] == b.Shape[0] && a.Shape[1] > 0
            ? delta
            : throw Refuse($"gives {module} the shapes {delta.Shapes}, which do not fit each other");
    }

    private (string Name, FloatTensor Tensor) Parameter(Table parameter)
    {
        var (nameStart, nameLength) = Vector(parameter, ParameterName, 1);
        var name = new UTF8Encoding(false, true).GetString(bytes, nameStart, nameLength);
        var (dimsStart, dimsCount) = Vector(parameter, ParameterDims, 8);
        var shape = MemoryMarshal.Cast<byte, long>(bytes.AsSpan(dimsStart, 8 * dimsCount)).ToArray().Select(size => checked((int)size)).ToArray();
        var type = Field(parameter, ParameterType) is var at and > 0 ? buffer.GetInt(at) : 0;
        var (dataStart, dataLength) = Vector(parameter, ParameterData, 1);
        if ((unread -= nameLength + (8L * dimsCount) + dataLength) < 0)
        {
            throw Refuse($"gives \"{name}\" bytes that other parameters have too");
        }

        return (name, new FloatTensor(shape, Floats(name, type, bytes.AsSpan(dataStart, dataLength))));
    }

    private float[] Floats(string name, int type, ReadOnlySpan<byte> data)
    {
        if (type is not (1 or 10 or 16))
        {
            throw Refuse($"holds \"{name}\" in the data type {type}, not float32, float16 or bfloat16");
        }

        var halves = MemoryMarshal.Cast<byte, ushort>(data);
        var floats = FloatTensor.NewData(type == 1 ? data.Length / sizeof(float) : halves.Length);
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = type switch
            {
                1 => BitConverter.ToSingle(data[(i * sizeof(float))..]),
                10 => (float)BitConverter.UInt16BitsToHalf(halves[i]),
                _ => BitConverter.UInt32BitsToSingle((uint)halves[i] << 16),
            };
        }

        return floats;
    }

    private (int Start, int Count) Vector(Table table, int field, int itemSize)
    {
        var at = Field(table, field);
        if (at == 0)
        {
            return (0, 0);
        }

        var vector = checked(at + buffer.GetInt(at));
        var count = buffer.GetInt(vector);
        return count >= 0 && count <= (bytes.Length - vector - 4) / itemSize ? (vector + 4, count) : throw Refuse("names more values than it holds");
    }

    /// <summary>Where a field of a table lies; 0 when it is absent.</summary>
    private static int Field(Table table, int field) => table.__offset(field) is var offset and > 0 ? table.bb_pos + offset : 0;

    private string Module(string parameter) => ParameterForm().Match(parameter) is { Success: true } name
        ? name.Groups["module"].Value
        : throw new ModelRefusedException(RefusalReason.AdapterUnsupported, $"{file} holds \"{parameter}\", which is no LoRA factor of a linear layer inside a decoder layer; export the adapter with Olive's names.");

    private ModelRefusedException Refuse(string what) => new(RefusalReason.AdapterInvalid, $"{file} {what}; copy or export the file again.");

    [GeneratedRegex($@"^(?<module>{LoraDelta.NamePattern})\.lora_[AB]\.weight$", RegexOptions.CultureInvariant)]
    private static partial Regex ParameterForm();
}
