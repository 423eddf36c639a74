namespace EdgeGateway.Soak.Updating;

/// <summary>Looks for bytes of plain weights in files.</summary>
internal static class Canaries
{
    private const int Piece = 1 << 20;

    /// <summary>Every regular file below these folders that was written since some time and has one of the canaries in it, as "what in path".</summary>
    /// <param name="except">Folders whose files are left out.</param>
    /// <param name="looked">Files that were read to their end.</param>
    public static IReadOnlyList<string> Find(IEnumerable<string> folders, IReadOnlyCollection<string> except, DateTimeOffset since, IReadOnlyDictionary<string, byte[]> canaries, out int looked)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var files = folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*", options)).Where(file => !except.Any(e => file.StartsWith(e + '/', StringComparison.Ordinal))).Where(file => File.GetLastWriteTimeUtc(file) >= since).Distinct().ToList();
        var (found, count) = (new List<string>(), 0);
        foreach (var file in files)
        {
            var hits = In(file, canaries);
            count += hits is null ? 0 : 1;
            found.AddRange((hits ?? []).Select(what => $"{what} in {file}"));
        }

        looked = count;
        return found;
    }

    /// <summary>Null when it cannot be read: it went away, or is no plain file.</summary>
    private static List<string>? In(string file, IReadOnlyDictionary<string, byte[]> canaries)
    {
        try
        {
            if (new FileInfo(file).Length == 0)
            {
                return null;
            }

            // pieces overlap by what a canary can have in both
            var overlap = canaries.Values.Max(c => c.Length) - 1;
            var (found, buffer, kept) = (new HashSet<string>(), new byte[Piece + overlap], 0);
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            for (var count = stream.Read(buffer, kept, Piece); count > 0; count = stream.Read(buffer, kept, Piece))
            {
                var part = buffer.AsSpan(0, kept + count);
                found.UnionWith(canaries.Where(c => buffer.AsSpan(0, kept + count).IndexOf(c.Value) >= 0).Select(c => c.Key));
                kept = Math.Min(overlap, part.Length);
                part[^kept..].CopyTo(buffer);
            }

            return [.. found];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }
}
