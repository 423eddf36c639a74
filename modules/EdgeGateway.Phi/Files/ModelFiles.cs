using System.Globalization;
using EdgeGateway.Phi.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi.Files;

/// <summary>Where the files of a model or an adapter come from. A name from inside of it never leads out of it.</summary>
internal abstract class ModelFiles
{
    private const long LargestInMemory = 256L << 20;

    /// <summary>Length of a file in bytes. The name may come from the model itself; namedBy says where, for the message.</summary>
    /// <exception cref="ModelRefusedException">It is no plain name, or there is no such file.</exception>
    public abstract long Length(string name, string namedBy);

    /// <summary>Tells the runtime where the graph's external weights lie.</summary>
    public abstract void Attach(SessionOptions settings);

    /// <summary>A message of the runtime without what nobody needs to know.</summary>
    public abstract string Cleaned(string message);

    /// <summary>A whole file that is not too large for the managed heap.</summary>
    public byte[] Read(string name, string namedBy)
    {
        var length = Length(name, namedBy);
        return length <= LargestInMemory
            ? Read(name, 0, length)
            : throw new ModelRefusedException(RefusalReason.GraphUnsupported, $"{name} has {length >> 20} MiB, more than {LargestInMemory >> 20}; keep weights in an external data file.");
    }

    /// <summary>Fills the destination from a file that <see cref="Length"/> was asked for.</summary>
    public void Read(string name, long offset, Span<byte> destination)
    {
        if (!TryRead(name, offset, destination))
        {
            throw new ModelRefusedException(RefusalReason.DataInvalid, $"{name} was cut short while it was read; copy it again, whole.");
        }
    }

    /// <summary>A part of a file, in memory that does not move: the caller may clear it, and no copy stays behind.</summary>
    public byte[] Read(string name, long offset, long length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)length), pinned: true);
        Read(name, offset, bytes);
        return bytes;
    }

    /// <summary>The bytes of a tensor that was checked, from the graph file or from its external file.</summary>
    public byte[] ReadTensor(TensorProto tensor)
    {
        if (tensor.ExternalData.Count == 0)
        {
            return tensor.RawData.ToByteArray();
        }

        var (offset, length) = Place(tensor, Length(Location(tensor), tensor.Name));
        return Read(Location(tensor), offset, length);
    }

    /// <summary>The file of an external tensor.</summary>
    public static string Location(TensorProto tensor) => Entry(tensor, "location")!;

    /// <summary>Where an external tensor, which was checked, lies in a file of that length.</summary>
    public static (long Offset, long Length) Place(TensorProto tensor, long fileLength)
    {
        var offset = Entry(tensor, "offset") is { } from ? long.Parse(from, CultureInfo.InvariantCulture) : 0;
        return (offset, Entry(tensor, "length") is { } length ? long.Parse(length, CultureInfo.InvariantCulture) : fileLength - offset);
    }

    /// <summary>Fills the destination from a file that is there; false when it has become shorter.</summary>
    protected abstract bool TryRead(string name, long offset, Span<byte> destination);

    protected static ModelRefusedException NotPlain(string name, string namedBy) => new(RefusalReason.PathEscapes,
        $"{namedBy} names \"{name}\", which is not a plain file name inside the folder; a location outside of it is never read.");

    protected static ModelRefusedException Missing(string name, string namedBy) => new(RefusalReason.FileMissing, $"{name}, named by {namedBy}, is missing in the folder; copy it there.");

    protected static bool IsPlain(string name) => name.Length > 0 && name is not ("." or "..") && name.AsSpan().IndexOfAny("/\\:*\0") < 0;

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;
}
