using System.Globalization;
using EdgeGateway.Storage;

namespace EdgeGateway.Updates;

/// <summary>The room on the volume of the data folder: updates leave some of it to the alerts.</summary>
internal static class DataVolume
{
    /// <summary>Bytes that are left to the alerts.</summary>
    public const long Reserve = 64 << 20;

    /// <summary>Why a file is not begun; null: there is room for it.</summary>
    /// <param name="path">Where it is to lie, in a folder that is there.</param>
    /// <param name="missing">Bytes of it that are not there yet.</param>
    /// <exception cref="StorageException">The operating system refused.</exception>
    public static string? Problem(string path, long missing)
    {
        var free = 0L;
        DurableFile.Guard(path, () => free = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace);
        return free - Reserve >= missing ? null
            : string.Create(CultureInfo.InvariantCulture, $"it needs {missing >> 20} MiB and {Reserve >> 20} MiB must stay free for alerts, the volume of the data folder has {free >> 20} MiB; make room there");
    }
}
