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

    /// <summary>Ending of a file that is made to take the place of a newer one.</summary>
    private const string Older = ".older";

    public static Database Open(string path, DatabaseForm form, TimeProvider clock, out StoreDamage? damage)
    {
        damage = null;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FinishOlder(path);
        try
        {
            return Database.Open(path, form);
        }
        catch (StorageException failure) when (failure.Fault == StorageFault.Newer)
        {
            return OpenOlder(path, form, failure.Detail, clock.GetUtcNow(), out damage);
        }
        catch (StorageException failure) when (failure.Fault == StorageFault.Damaged || (failure.Fault == StorageFault.ReadOnly && IsWritable(path)))
        {
            damage = new StoreDamage(path, MoveAside(path, clock.GetUtcNow()), failure.Detail);
            return Database.Open(path, form);
        }
    }

    /// <summary>After a way back to an older image: the newer file is kept as it is, and the alerts that wait in it are not lost. Made beside it first, so that a kill in between loses nothing either.</summary>
    private static Database OpenOlder(string path, DatabaseForm form, string detail, DateTimeOffset now, out StoreDamage damage)
    {
        var (beside, reason) = (path + Older, $"{detail}; what this one knows of it was taken over");
        using (var older = Database.Open(beside, form))
        {
            try
            {
                older.TakeOver(path);
            }
            catch (StorageException failure) when (failure.Fault != StorageFault.Full)
            {
                reason = $"{detail}, and what it holds does not fit here: {failure.Detail}";
            }
        }

        damage = new StoreDamage(path, MoveAside(path, now), reason);
        File.Move(beside, path);
        return Database.Open(path, form);
    }

    /// <summary>A process before this one was killed while it made a file for this version: its work counts once the newer file is out of the way.</summary>
    private static void FinishOlder(string path)
    {
        if (File.Exists(path + Older) && !File.Exists(path))
        {
            File.Move(path + Older, path);
        }

        foreach (var rest in Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + Older + "*"))
        {
            File.Delete(rest);
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
