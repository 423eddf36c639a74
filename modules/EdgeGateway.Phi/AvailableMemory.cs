using System.Globalization;

namespace EdgeGateway.Phi;

/// <summary>What this process may use. .NET's own figure is a limit of its heap, by default three quarters of the container's.</summary>
public static class AvailableMemory
{
    private static readonly string[] Limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

    /// <summary>The container's limit (cgroup v2 or v1) or the machine's memory, whichever is less; elsewhere than on Linux what .NET says.</summary>
    public static long Bytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            return GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        }

        var total = 1024 * long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return Limits.Where(File.Exists).Select(file => long.TryParse(File.ReadAllText(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var limit) ? limit : total).Append(total).Min();
    }
}
