namespace Hubstand;

/// <summary>Files that are whole or absent after a kill; a development tool needs no more (no fsync).</summary>
internal static class AtomicFile
{
    public static byte[]? TryRead(string path) => File.Exists(path) ? File.ReadAllBytes(path) : null;

    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            stream.Write(content);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
