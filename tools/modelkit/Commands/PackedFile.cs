using System.IO.Compression;

namespace EdgeGateway.ModelKit.Commands;

/// <summary>Files that are gzipped when their name ends in .gz.</summary>
internal static class PackedFile
{
    /// <summary>All bytes, unpacked.</summary>
    public static byte[] ReadAll(FileInfo file)
    {
        using var bytes = file.OpenRead();
        using var all = new MemoryStream();
        Read(file, () =>
        {
            Unpack(file, bytes).CopyTo(all);
            return 0;
        });
        return all.ToArray();
    }

    /// <summary>Lines with their numbers from 1; the position of <paramref name="bytes"/> says how far the file was read.</summary>
    public static IEnumerable<(int Number, string Text)> Lines(FileInfo file, Stream bytes)
    {
        var reader = new StreamReader(Unpack(file, bytes), leaveOpen: true);
        for (var number = 1; Read(file, reader.ReadLine) is { } text; number++)
        {
            yield return (number, text);
        }
    }

    private static Stream Unpack(FileInfo file, Stream bytes) => file.Extension == ".gz" ? new GZipStream(bytes, CompressionMode.Decompress, leaveOpen: true) : bytes;

    private static T Read<T>(FileInfo file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{file} is not gzipped, or is damaged, although its name ends in .gz; rename it or copy it again.", e);
        }
    }
}
