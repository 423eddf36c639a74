using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace EdgeGateway.Phi.Weights;

/// <summary>
/// The safetensors file form (github.com/huggingface/safetensors): 8 bytes header length (little endian), a JSON header, then the
/// numbers. Reads F32, F16 and BF16 as float; writes F32, tensors in ordinal order of their names, so that equal weights give equal files.
/// </summary>
public static class SafeTensors
{
    private const int LargestHeader = 16 << 20;
    private const int Alignment = 8;

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="ModelRefusedException">The file is cut short or contradicts itself; nothing is allocated for numbers that are not there.</exception>
    public static IReadOnlyDictionary<string, FloatTensor> Read(string path)
    {
        var name = Path.GetFileName(path);
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[8];
        var headerLength = file.ReadAtLeast(start, 8, throwOnEndOfStream: false) == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(start) : ulong.MaxValue;
        if (headerLength > LargestHeader || (long)headerLength > file.Length - 8)
        {
            throw Refuse(name, "has no header, or one longer than the file");
        }

        var header = new byte[headerLength];
        file.ReadExactly(header);
        try
        {
            using var json = JsonDocument.Parse(header);
            var budget = file.Length - 8 - (long)headerLength;
            return json.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__")
                .ToDictionary(entry => entry.Name, entry => ReadTensor(name, file, 8 + (long)headerLength, entry, ref budget));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or OverflowException)
        {
            throw new ModelRefusedException(RefusalReason.WeightsInvalid, $"{name} has a header that is no safetensors header; copy or export the file again.", e);
        }
    }

    /// <summary>Writes all tensors as F32.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, FloatTensor> tensors)
    {
        var sorted = tensors.OrderBy(tensor => tensor.Key, StringComparer.Ordinal).ToArray();
        using var file = File.Create(path);
        var header = Header(sorted);
        Span<byte> start = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(start, (ulong)header.Length);
        file.Write(start);
        file.Write(header);
        foreach (var (_, tensor) in sorted)
        {
            file.Write(MemoryMarshal.AsBytes(tensor.Data.AsSpan()));
        }
    }

    private static byte[] Header(KeyValuePair<string, FloatTensor>[] sorted)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            var offset = 0L;
            foreach (var (name, tensor) in sorted)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                json.WritePropertyName("shape");
                JsonSerializer.Serialize(json, tensor.Shape);
                json.WritePropertyName("data_offsets");
                JsonSerializer.Serialize(json, (long[])[offset, offset += 4L * tensor.Data.Length]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static FloatTensor ReadTensor(string name, FileStream file, long dataStart, JsonProperty entry, ref long budget)
    {
        var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
        var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
        var type = entry.Value.GetProperty("dtype").GetString();
        var width = type switch { "F32" => 4, "F16" or "BF16" => 2, _ => throw Refuse(name, $"holds \"{entry.Name}\" as {type}, not F32, F16 or BF16") };
        if (offsets is not [>= 0 and var from, var to] || to < from || to > file.Length - dataStart)
        {
            throw Refuse(name, $"gives \"{entry.Name}\" offsets that do not lie inside the file");
        }

        if ((budget -= to - from) < 0)
        {
            throw Refuse(name, $"gives \"{entry.Name}\" bytes that other tensors have too");
        }

        var elements = (to - from) / width;
        if (elements > Array.MaxLength || (to - from) % width != 0 || Elements(shape) != elements)
        {
            throw Refuse(name, $"gives \"{entry.Name}\" {to - from} bytes, which its shape [{string.Join(", ", shape)}] does not fit");
        }

        var data = new float[elements];
        file.Position = dataStart + from;
        if (width == 4)
        {
            file.ReadExactly(MemoryMarshal.AsBytes(data.AsSpan()));
        }
        else
        {
            var halves = new ushort[elements];
            file.ReadExactly(MemoryMarshal.AsBytes(halves.AsSpan()));
            for (var i = 0; i < data.Length; i++)
            {
                data[i] = type == "F16" ? (float)BitConverter.UInt16BitsToHalf(halves[i]) : BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
            }
        }

        return new FloatTensor(Array.ConvertAll(shape, size => (int)size), data);
    }

    /// <summary>Product of the sizes; null when it is impossible.</summary>
    private static long? Elements(long[] shape)
    {
        var product = 1L;
        foreach (var size in shape)
        {
            if (size < 0 || size > int.MaxValue || (product *= size) > int.MaxValue)
            {
                return null;
            }
        }

        return product;
    }

    private static ModelRefusedException Refuse(string name, string what) => new(RefusalReason.WeightsInvalid, $"{name} {what}; copy or export the file again.");
}
