using System.Globalization;

namespace EdgeGateway.Storage;

/// <summary>The recordings of a gateway: one file each in <c>recordings</c> of the data folder, bounded in bytes. One writer; any process may read meanwhile.</summary>
internal sealed class RecordingFolder(string dataFolder, TimeProvider clock)
{
    private const string Extension = ".rec";
    private const string AroundAlert = "alert-";
    private const string OfNormal = "normal-";
    private readonly string folder = FolderOf(dataFolder);

    /// <summary>
    /// Stores one and makes room for it: the oldest of normal operation go first, then, for one around an alert, the oldest of those. False when there is no room: it is larger than the
    /// bound, or one of normal operation and all others are around alerts.
    /// </summary>
    /// <exception cref="StorageException">The disk refused.</exception>
    public bool Add(Recording recording, long maxBytes)
    {
        var bytes = recording.ToBytes();
        try
        {
            Directory.CreateDirectory(folder);
            var isNormal = recording.Alerts.IsEmpty;
            if (!MakeRoom(maxBytes - bytes.Length, isNormal))
            {
                return false;
            }

            DurableFile.Replace(FreePath(isNormal ? OfNormal : AroundAlert), bytes);
            return true;
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException || (failure is IOException and not StorageException))
        {
            throw new StorageException(StorageFault.Failed, folder, failure.Message, failure);
        }
    }

    /// <summary>All recordings of a data folder, the oldest first, null for one that cannot be read; no more than one is in memory.</summary>
    public static IEnumerable<Recording?> Read(string dataFolder)
    {
        foreach (var file in Files(FolderOf(dataFolder)))
        {
            byte[] bytes;
            try
            {
                bytes = File.ReadAllBytes(file.FullName);
            }
            catch (FileNotFoundException)
            {
                // the gateway has made room
                continue;
            }

            yield return Recording.Read(bytes);
        }
    }

    private static string FolderOf(string dataFolder) => Path.Combine(dataFolder, "recordings");

    private static FileInfo[] Files(string folder) =>
        Directory.Exists(folder) ? [.. new DirectoryInfo(folder).GetFiles("*" + Extension).OrderBy(f => f.Name[(f.Name.IndexOf('-', StringComparison.Ordinal) + 1)..], StringComparer.Ordinal)] : [];

    private bool MakeRoom(long bytes, bool isNormal)
    {
        foreach (var interrupted in Directory.GetFiles(folder, "*.tmp"))
        {
            File.Delete(interrupted);
        }

        var files = Files(folder);
        var toFree = files.Sum(f => f.Length) - bytes;
        var oldest = files.Where(f => !isNormal || IsNormal(f)).OrderBy(f => !IsNormal(f)).ToList();
        if (bytes < 0 || toFree > oldest.Sum(f => f.Length))
        {
            return false;
        }

        foreach (var file in oldest.TakeWhile(_ => toFree > 0))
        {
            toFree -= file.Length;
            file.Delete();
        }

        return true;
    }

    private static bool IsNormal(FileInfo file) => file.Name.StartsWith(OfNormal, StringComparison.Ordinal);

    /// <summary>Named by our clock, a tick later where that name is taken.</summary>
    private string FreePath(string kind)
    {
        for (var at = clock.GetUtcNow(); ; at = at.AddTicks(1))
        {
            var path = Path.Combine(folder, $"{kind}{at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'.'fffffff'Z'", CultureInfo.InvariantCulture)}{Extension}");
            if (!File.Exists(path))
            {
                return path;
            }
        }
    }
}
