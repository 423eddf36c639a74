using System.Globalization;

namespace EdgeGateway.Storage;

/// <summary>How a database is laid out.</summary>
/// <param name="Migrations">Schema steps; the file's user_version counts how many it has.</param>
/// <param name="PageSize">Bytes, for a new file.</param>
/// <param name="OneProcess">Locked for this process alone: no shared memory file, fewer system calls.</param>
internal sealed record DatabaseForm(IReadOnlyList<string> Migrations, int PageSize = 4096, bool OneProcess = false);

/// <summary>Opens a database whatever state its file is in: a damaged one is moved aside and an empty one takes its place.</summary>
internal static class DatabaseFile
{
    // Two generations are enough to look at; more would fill the disk of a gateway whose storage is dying.
    private const int KeptAside = 2;

    public static Database Open(string path, DatabaseForm form, TimeProvider clock, out StoreDamage? damage)
    {
        damage = null;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return Database.Open(path, form);
        }
        catch (StorageException failure) when (failure.Fault == StorageFault.Damaged || (failure.Fault == StorageFault.ReadOnly && IsWritable(path)))
        {
            damage = new StoreDamage(path, MoveAside(path, clock.GetUtcNow()), failure.Detail);
            return Database.Open(path, form);
        }
    }

    /// <summary>SQLite also refuses to write when a damaged header claims a newer file format. Only for a database that is closed: closing a handle drops the locks of the process.</summary>
    private static bool IsWritable(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Keeps a file that cannot be used for a person to look at, and returns where.</summary>
    public static string MoveAside(string path, DateTimeOffset now)
    {
        var stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'.'fffffff'Z'", CultureInfo.InvariantCulture);
        var target = $"{path}.damaged-{stamp}";
        File.Move(path, target, overwrite: true);
        foreach (var suffix in new[] { "-wal", "-shm" })
        {
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, target + suffix, overwrite: true);
            }
        }

        DurableFile.SyncDirectory(Path.GetDirectoryName(path)!);
        Forget(path);
        return target;
    }

    private static void Forget(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var aside = Directory.GetFiles(folder, Path.GetFileName(path) + ".damaged-*")
            .GroupBy(file => file.Replace("-wal", "", StringComparison.Ordinal).Replace("-shm", "", StringComparison.Ordinal))
            .OrderByDescending(group => group.Key, StringComparer.Ordinal);
        foreach (var file in aside.Skip(KeptAside).SelectMany(group => group))
        {
            File.Delete(file);
        }
    }
}
