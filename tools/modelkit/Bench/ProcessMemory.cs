using System.Globalization;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>Memory of this process as Linux counts it, in megabytes; 0 elsewhere.</summary>
internal static class ProcessMemory
{
    /// <summary>In memory now, files mapped into it included.</summary>
    public static double Resident() => Read("VmRSS:");

    /// <summary>The most so far.</summary>
    public static double Peak() => Read("VmHWM:");

    private static double Read(string name) => OperatingSystem.IsLinux()
        ? double.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1e3
        : 0;
}
