using System.Globalization;
using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi;

/// <summary>The files of the folder of one model or adapter. A name from inside of it never leads out of it, not even through a link.</summary>
internal sealed class ModelFolder
{
    private const long LargestInMemory = 256L << 20;

    public ModelFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(Path))
        {
            throw new ModelRefusedException(RefusalReason.FileMissing, $"The folder {path} does not exist; give the folder of a model or an adapter.");
        }
    }

    public string Path { get; }

    /// <summary>A file directly in the folder. The name may come from the model itself; namedBy says where, for the message.</summary>
    public FileInfo File(string name, string namedBy)
    {
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().IndexOfAny("/\\:*\0") >= 0)
        {
            throw new ModelRefusedException(RefusalReason.PathEscapes,
                $"{namedBy} names \"{name}\", which is not a plain file name inside the folder; a location outside of it is never read.");
        }

        var file = new FileInfo(System.IO.Path.Combine(Path, name));
        if (!file.Exists)
        {
            throw new ModelRefusedException(RefusalReason.FileMissing, $"{name}, named by {namedBy}, is missing in the folder; copy it there.");
        }

        if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is var target && System.IO.Path.GetDirectoryName(target?.FullName) != Path)
        {
            throw new ModelRefusedException(RefusalReason.PathEscapes, $"{name} is a link to a file outside the folder; copy the file itself.");
        }

        return file;
    }

    /// <summary>The bytes of a tensor that was checked, from the graph file or from its external file.</summary>
    public byte[] ReadTensor(TensorProto tensor)
    {
        if (tensor.HasRawData && tensor.ExternalData.Count == 0)
        {
            return tensor.RawData.ToByteArray();
        }

        string? Entry(string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;
        using var file = System.IO.File.OpenHandle(System.IO.Path.Combine(Path, Entry("location")!));
        var offset = long.Parse(Entry("offset") ?? "0", CultureInfo.InvariantCulture);
        var bytes = new byte[Entry("length") is { } length ? long.Parse(length, CultureInfo.InvariantCulture) : RandomAccess.GetLength(file) - offset];
        return RandomAccess.Read(file, bytes, offset) == bytes.Length ? bytes : throw new ModelRefusedException(RefusalReason.DataInvalid, $"{Entry("location")} was cut short while it was read; copy it again, whole.");
    }

    public byte[] Read(string name, string namedBy)
    {
        var file = File(name, namedBy);
        return file.Length <= LargestInMemory
            ? System.IO.File.ReadAllBytes(file.FullName)
            : throw new ModelRefusedException(RefusalReason.GraphUnsupported, $"{name} has {file.Length >> 20} MiB, more than {LargestInMemory >> 20}; keep weights in an external data file.");
    }
}
