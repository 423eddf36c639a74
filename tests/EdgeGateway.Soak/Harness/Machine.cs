using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EdgeGateway.Soak.Harness;

/// <summary>This machine: what all processes use together, from /proc/stat, and what is free on it.</summary>
internal static class Machine
{
    private const double TicksPerSecond = 100;
    private const double Quiet = 0.1;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Seconds that all cores together were not idle, since the machine started.</summary>
    public static double BusySeconds
    {
        get
        {
            // user, nice, system, idle, iowait, irq, softirq
            var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(t => long.Parse(t, CultureInfo.InvariantCulture)).ToArray();
            return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TicksPerSecond;
        }
    }

    /// <summary>The most memory of this process that was resident at one time.</summary>
    public static long PeakResidentBytes =>
        1024 * long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>A port of loopback that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits, at most so long, until others use less than a tenth of the machine.</summary>
    public static async Task UntilQuietAsync(TimeSpan patience, TimeProvider clock, CancellationToken token)
    {
        for (var began = clock.GetTimestamp(); clock.GetElapsedTime(began) < patience;)
        {
            var before = BusySeconds;
            await Task.Delay(Interval, clock, token);
            if ((BusySeconds - before) / Interval.TotalSeconds / Environment.ProcessorCount < Quiet)
            {
                return;
            }
        }
    }
}
