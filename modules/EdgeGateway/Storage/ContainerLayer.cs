namespace EdgeGateway.Storage;

/// <summary>Tells whether a folder goes with the container that we run in: nothing that a gateway must not forget belongs there.</summary>
internal static class ContainerLayer
{
    private const string Mounts = "/proc/self/mountinfo";

    /// <summary>Whether the folder lies in the writable layer of a container, for no volume is mounted at it or above it. False where there are no containers.</summary>
    public static bool Holds(string folder) => File.Exists(Mounts) && Holds(Path.GetFullPath(folder), File.ReadLines(Mounts));

    /// <summary>The same by the lines of /proc/self/mountinfo (proc(5)): the fifth field is where it is mounted, the first after the dash the file system.</summary>
    internal static bool Holds(string folder, IEnumerable<string> mounts)
    {
        var nearest = mounts.Select(line => line.Split(' ')).Where(fields => fields.Length > 4 && IsAt(fields[4], folder)).OrderBy(fields => fields[4].Length).LastOrDefault();
        return nearest is not null && nearest[4] == "/" && nearest.SkipWhile(field => field != "-").ElementAtOrDefault(1) == "overlay";
    }

    private static bool IsAt(string mount, string folder) =>
        mount == "/" || folder == mount || folder.StartsWith(mount + '/', StringComparison.Ordinal);
}
