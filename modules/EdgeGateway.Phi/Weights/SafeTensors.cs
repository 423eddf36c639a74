using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeGateway.Phi.Files;

namespace EdgeGateway.Phi.Weights;

/// <summary>
/// The safetensors file form (github.com/huggingface/safetensors): 8 bytes header length (little endian), a JSON header, then the
/// numbers. Reads F32, F16 and BF16 as float; writes F32, tensors in ordinal order of their names, so that equal weights give equal files.
/// </summary>
public static class SafeTensors
{
    private const int LargestHeader = 16 << 20;
    private const int Alignment = 8;
    private const int LengthBytes = 8;

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="ModelRefusedException">The file is cut short or contradicts itself; nothing is allocated for numbers that are not there.</exception>
    public static IReadOnlyDictionary<string, FloatTensor> Read(string path) => Read(ModelFolder.Of(path), Path.GetFileName(path));

    /// <summary>Reads a whole file of a folder, or in memory.</summary>
    /// <exception cref="ModelRefusedException">As above.</exception>
    internal static IReadOnlyDictionary<string, FloatTensor> Read(ModelFiles files, string name)
    {
        var length = files.Length(name, "the form of its folder");
        var headerLength = length >= LengthBytes ? BinaryPrimitives.ReadUInt64LittleEndian(files.Read(name, 0, LengthBytes)) : ulong.MaxValue;
        if (headerLength > LargestHeader || (long)headerLength > length - LengthBytes)
        {
            throw Refuse(name, "has no header, or one longer than the file");
        }

        try
        {
            using var json = JsonDocument.Parse(files.Read(name, LengthBytes, (long)headerLength));
            var data = new DataPart(files, name, LengthBytes + (long)headerLength, length - LengthBytes - (long)headerLength);
            var budget = data.Length;
            return json.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").ToDictionary(entry => entry.Name, entry => ReadTensor(data, entry, ref budget));
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

    private static FloatTensor ReadTensor(DataPart part, JsonProperty entry, ref long budget)
    {
        var name = part.File;
        var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
        var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
        var type = entry.Value.GetProperty("dtype").GetString();
        var width = type switch { "F32" => 4, "F16" or "BF16" => 2, _ => throw Refuse(name, $"holds \"{entry.Name}\" as {type}, not F32, F16 or BF16") };
        if (offsets is not [>= 0 and var from, var to] || to < from || to > part.Length)
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

        var data = FloatTensor.NewData((int)elements);
        if (width == 4)
        {
            part.Read(from, MemoryMarshal.AsBytes(data.AsSpan()));
        }
        else
        {
            // into the first half of its own place, and from the end on, as each takes twice the room
            var halves = MemoryMarshal.Cast<float, ushort>(data.AsSpan())[..data.Length];
            part.Read(from, MemoryMarshal.AsBytes(halves));
            for (var i = data.Length - 1; i >= 0; i--)
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

    /// <summary>What lies behind the header.</summary>
    private sealed record DataPart(ModelFiles Files, string File, long Start, long Length)
    {
        public void Read(long from, Span<byte> destination) => Files.Read(File, Start + from, destination);
    }
}
