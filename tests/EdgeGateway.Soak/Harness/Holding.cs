using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeGateway.Soak.Harness;

/// <summary>What this process holds at one moment, from /proc.</summary>
/// <param name="ResidentBytes">VmRSS.</param>
/// <param name="ManagedBytes">The part of it that objects of .NET take.</param>
/// <param name="Handles">Open file descriptors.</param>
internal sealed record Holding(long ResidentBytes, long ManagedBytes, int Handles, int Threads)
{
    /// <summary>Collects all garbage first and gives its pages back, those of malloc (OpenSSL, SQLite) too, so that only what something still holds is counted.</summary>
    public static Holding Measure()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = TrimMalloc(0);
        var status = File.ReadAllLines("/proc/self/status");
        return new Holding(1024 * Field(status, "VmRSS:"), GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes, Directory.GetFileSystemEntries("/proc/self/fd").Length, (int)Field(status, "Threads:"));
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int TrimMalloc(nuint keep);

    private static long Field(string[] status, string name) =>
        long.Parse(status.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
