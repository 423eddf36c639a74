using System.Globalization;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>
/// Whether every alert reaches every sink, in order and under one id, whatever happens on the way: the process killed within the send path, networks that fail, power that is
/// cut, a disk that is full, a clock that is set. The module as a process, a real broker, the stand-in for IoT Hub and edgeHub.
/// </summary>
internal sealed class PowerLoss(TextWriter output)
{
    private const int KillsPerPoint = 5;
    private const int FaultsPerKind = 2;
    private const int PowerCuts = 8;
    private const int FullDisks = 3;
    private const int DiskMegabytes = 160;
    private const int SendPathCalls = 160;
    private const string FakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

    /// <summary>The process dies at the beginning of the n-th such call: before it, and behind the one before.</summary>
    private static readonly (string Point, string File, string Calls, int Most)[] Points =
    [
        ("a reading goes into the journal", "journal.db-wal", "pwrite64", 60),
        ("the journal is synced", "journal.db-wal", "fsync,fdatasync", 12),
        ("an alert goes into the outbox, or is marked", "gateway.db-wal", "pwrite64", 200),
        ("the outbox is synced", "gateway.db-wal", "fsync,fdatasync", 12),
        ("something is sent", "", "sendto,sendmsg", SendPathCalls),
        ("an answer has arrived", "", "epoll_wait,epoll_pwait", SendPathCalls),
    ];

    private readonly Random random = new(16);
    private readonly TogglingSensors sensors = new(DeliverySite.Name);
    private int killed;

    /// <summary>Runs and prints; true when all targets are met.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        using var disk = await LoopDisk.MountedAsync(DiskMegabytes, token);
        await using var site = await DeliverySite.StartAsync(Path.Combine(disk.Mount, "data"), token);
        await output.WriteLineAsync(Text($"{Environment.ProcessorCount} cores. Four sensors that leave their range and come back, sinks: a broker and a hub."));
        await output.WriteLineAsync("what happens                                      times   alerts and ends so far   copies local   copies upstream");
        site.Run([]);
        await site.ConnectedAsync(token);
        await KillsAsync(site, token);
        await NetworksAsync(site, token);
        await PowerCutsAsync(site, disk, token);
        await FullDisksAsync(site, disk, token);
        await ClockStepsAsync(site, token);
        var whole = await SettledAsync(site, token);
        await site.StopAsync(token);
        await output.WriteLineAsync(whole ? "power: all targets met" : "power: NOT all targets met");
        return whole;
    }

    private async Task KillsAsync(DeliverySite site, CancellationToken token)
    {
        foreach (var (point, file, calls, most) in Points)
        {
            var before = killed;
            for (var i = 0; i < KillsPerPoint; i++)
            {
                site.Kill();
                string[] only = file.Length > 0 ? ["-P", Path.Combine(site.Data, file)] : [];
                site.Run([], ["strace", "-f", .. only, "-e", $"trace={calls}", "-e", Text($"inject={calls}:signal=KILL:when={1 + random.Next(most)}"), "-o", "/dev/null"]);
                await FeedAsync(site, TimeSpan.FromSeconds(10), token);
                killed += site.IsRunning ? 0 : 1;
            }

            site.Kill();
            site.Run([]);
            await RowAsync(site, $"killed where {point}", killed - before, token);
        }
    }

    private async Task NetworksAsync(DeliverySite site, CancellationToken token)
    {
        foreach (var (network, name) in ((FaultProxy, string)[])[(site.BrokerNetwork, "broker"), (site.HubNetwork, "hub")])
        {
            foreach (var fault in (NetworkFault[])[NetworkFault.Delay, NetworkFault.Cut, NetworkFault.BlackHole, NetworkFault.HalfClose])
            {
                for (var i = 0; i < FaultsPerKind; i++)
                {
                    network.Befall(fault);
                    await FeedAsync(site, TimeSpan.FromSeconds(5 + random.Next(5)), token);
                    network.Befall(NetworkFault.None);
                    await FeedAsync(site, TimeSpan.FromSeconds(3), token);
                }

                await RowAsync(site, $"{name}: {fault}", FaultsPerKind, token);
            }
        }
    }

    private async Task PowerCutsAsync(DeliverySite site, LoopDisk disk, CancellationToken token)
    {
        for (var i = 0; i < PowerCuts; i++)
        {
            await FeedAsync(site, TimeSpan.FromMilliseconds(500 + random.Next(4000)), token);
            await disk.CutAsync(token);
            site.Kill();
            await disk.RestoreAsync(token);
            site.Run([]);
        }

        await RowAsync(site, "power cut", PowerCuts, token);
    }

    private async Task FullDisksAsync(DeliverySite site, LoopDisk disk, CancellationToken token)
    {
        for (var i = 0; i < FullDisks; i++)
        {
            disk.Fill();
            await FeedAsync(site, TimeSpan.FromSeconds(6), token);
            disk.Free();
            if (!site.IsRunning)
            {
                throw new SoakException($"On a full disk the module ended:\n{site.Output}");
            }

            await FeedAsync(site, TimeSpan.FromSeconds(3), token);
        }

        await RowAsync(site, "full disk", FullDisks, token);
    }

    /// <summary>The C library of the process is told another time, read again from a file every second.</summary>
    private async Task ClockStepsAsync(DeliverySite site, CancellationToken token)
    {
        var file = Path.Combine(site.Data, "..", "clock");
        await File.WriteAllTextAsync(file, "+0", token);
        await site.StopAsync(token);
        site.Run([new("LD_PRELOAD", FakeTime), new("FAKETIME_TIMESTAMP_FILE", file), new("FAKETIME_CACHE_DURATION", "1"), new("FAKETIME_DONT_FAKE_MONOTONIC", "1")]);
        await site.ConnectedAsync(token);
        string[] steps = ["+3600", "+0", "-3600", "+0"];
        foreach (var step in steps)
        {
            await File.WriteAllTextAsync(file, step, token);
            await FeedAsync(site, TimeSpan.FromSeconds(8), token);
        }

        await RowAsync(site, "clock set by an hour", steps.Length, token);
        await site.StopAsync(token);
        site.Run([]);
    }

    /// <summary>Readings for so long, or until the module has ended.</summary>
    private async Task FeedAsync(DeliverySite site, TimeSpan time, CancellationToken token)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < time && site.IsRunning)
        {
            await site.PublishAsync(sensors.Next(), token);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, token);
        }
    }

    /// <summary>Waits until the sinks have everything, and prints what they have.</summary>
    private async Task RowAsync(DeliverySite site, string what, int times, CancellationToken token)
    {
        await SettledAsync(site, token);
        await output.WriteLineAsync(Text($"{what,-50} {times,4}   {sensors.Expected,22}   {TogglingSensors.Copies(site.Local),12}   {TogglingSensors.Copies(site.Upstream),15}"));
    }

    private async Task<bool> SettledAsync(DeliverySite site, CancellationToken token)
    {
        if (!sensors.AllCleared)
        {
            await site.PublishAsync(sensors.Next(), token);
        }

        await Eventually.HoldsAsync(() => Difference(site) is null, () => $"{Difference(site)}; the module said:\n{site.Output}", token, TimeSpan.FromMinutes(4));
        return true;
    }

    private string? Difference(DeliverySite site) =>
        sensors.Difference(site.Local) is { } local ? $"local broker: {local}"
        : sensors.Difference(site.Upstream) is { } upstream ? $"hub: {upstream}"
        : Unlike(TogglingSensors.OfOthers(site.Local), TogglingSensors.OfOthers(site.Upstream)) is { } other ? $"{other} of the gateway's own is at one sink only"
        : null;

    private static string? Unlike(IEnumerable<string> local, IEnumerable<string> upstream) => local.ToHashSet() is var all && upstream.ToHashSet() is var there && !all.SetEquals(there)
        ? all.Except(there).Concat(there.Except(all)).First()
        : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
