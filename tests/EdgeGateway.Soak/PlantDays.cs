using System.Globalization;
using System.Text.Json;
using EdgeGateway.Soak.Harness;
using SensorSimulator.Plant;

namespace EdgeGateway.Soak;

/// <summary>
/// Three days of the simulated plant with its faults, by their event times, in minutes: broker and hub behind networks that fail, the twin changed all the while. The module as a process; memory and handles
/// stay, and no reading is lost.
/// </summary>
internal sealed class PlantDays(TextWriter output, TimeProvider clock)
{
    private const int Speed = 400;
    private const int Parts = 10;
    private const int LooksPerPart = 20;
    private const int ChangesPerLook = 5;
    private const double MostGrowth = 1.03;
    private static readonly TimeSpan PlantTime = TimeSpan.FromHours(72);
    private static readonly long Readings = (long)PlantTime.TotalSeconds * PlantSensor.All.Length;
    private static readonly TimeSpan Backlog = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Random random = new(4);
    private readonly (double Resident, int Handles)[] held = new (double, int)[Parts];

    /// <summary>Runs and prints; true when all targets are met.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        var folder = Directory.CreateTempSubdirectory("edgegateway-soak-");
        try
        {
            return await RunAsync(Path.Combine(folder.FullName, "data"), token);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<bool> RunAsync(string data, CancellationToken token)
    {
        await output.WriteLineAsync(Text($"{Environment.ProcessorCount} cores. {PlantSensor.All.Length} sensors with faults, {PlantTime.TotalHours} hours at {Speed} times their speed; in each tenth {LooksPerPart} networks that fail and {LooksPerPart * ChangesPerLook} changes of the twin."));
        await using var site = await DeliverySite.StartAsync(data, token);
        site.Run([]);
        await site.ConnectedAsync(token);
        using var plant = Measured.StartOwn("SensorSimulator", "plant", "--host", "127.0.0.1", "--port", $"{site.Broker.Port}", "--speed", $"{Speed}", "--for", Text($"{PlantTime.TotalSeconds / Speed}s"));
        await output.WriteLineAsync("   tenth   resident, median   handles, median   time   .NET's heap");
        var (began, changes) = (clock.GetTimestamp(), new TwinChanges(new Random(2)));
        for (var part = 0; part < Parts; part++)
        {
            held[part] = await PartAsync(site, changes, began, part, token);
            await output.WriteLineAsync(Text($"{part + 1,8} {held[part].Resident / 1e6,15:0.0} MB {held[part].Handles,17} {clock.GetElapsedTime(began).TotalSeconds,5:0} s {await site.HeapBytesAsync(token) / 1e6,10:0.0} MB"));
        }

        await plant.EndAsync(token);
        await TakenAsync(site, token);
        await Eventually.HoldsAsync(() => IdsOf(site.Upstream).SetEquals(IdsOf(site.Local)) && site.IsRunning, () => Text($"hub and broker are told the same: {site.Upstream.Count} and {site.Local.Count} with copies; the module said:\n{site.Output}"), token, Patience);
        await site.StopAsync(token);
        return await ReportAsync(site, await site.CountedAsync(token));
    }

    /// <summary>A tenth of the time: in each look something fails and the twin changes; the middle of what was held at its looks.</summary>
    private async Task<(double Resident, int Handles)> PartAsync(DeliverySite site, TwinChanges changes, long began, int part, CancellationToken token)
    {
        var (resident, handles) = (new List<double>(), new List<int>());

        // a backlog in each tenth, so that what .NET keeps of memory after one is there from the first
        site.BrokerNetwork.Befall(NetworkFault.BlackHole);
        await Task.Delay(Backlog, clock, token);
        site.BrokerNetwork.Befall(NetworkFault.None);
        for (var look = 1; look <= LooksPerPart; look++)
        {
            var network = random.Next(2) == 0 ? site.BrokerNetwork : site.HubNetwork;
            network.Befall(random.Next(3) switch { 0 => NetworkFault.Cut, 1 => NetworkFault.HalfClose, _ => NetworkFault.Delay });
            for (var i = 0; i < ChangesPerLook; i++)
            {
                changes.Befall(site.Hub.Switches);
                site.Patch(changes.Next());
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200 + random.Next(300)), clock, token);
            network.Befall(NetworkFault.None);
            var until = PlantTime / Speed * (((part * LooksPerPart) + look) / (double)(Parts * LooksPerPart));
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(1, (until - clock.GetElapsedTime(began)).TotalMilliseconds)), clock, token);
            resident.Add(site.Process.ResidentBytes);
            handles.Add(site.Process.Handles);
        }

        return (resident.Order().ElementAt(LooksPerPart / 2), handles.Order().ElementAt(LooksPerPart / 2));
    }

    /// <summary>Returns when all readings are taken, as the status says that comes from time to time.</summary>
    private async Task TakenAsync(DeliverySite site, CancellationToken token)
    {
        var began = clock.GetTimestamp();
        while ((await site.CountedAsync(token)).GetValueOrDefault("taken") < Readings)
        {
            if (clock.GetElapsedTime(began) > Patience || !site.IsRunning)
            {
                throw new SoakException($"Not all readings are taken; the module said:\n{site.Output}");
            }

            await Task.Delay(Interval, clock, token);
        }
    }

    private async Task<bool> ReportAsync(DeliverySite site, IReadOnlyDictionary<string, long> counted)
    {
        long Sum(string name) => counted.Where(c => c.Key == name || c.Key.StartsWith(name + ".", StringComparison.Ordinal)).Sum(c => c.Value);
        var (received, others) = (Sum("received"), Sum("late") + Sum("duplicate") + Sum("retained") + Sum("rejected") + Sum("foreign"));
        var (closed, judged, notJudged) = (Sum("windows.closed"), Sum("windows.judged"), Sum("windows.not_judged"));
        var growth = held[^1].Resident / held[1].Resident;
        await output.WriteLineAsync(Text($"""
            readings published {Readings:#,0}, received {received:#,0} = taken {Sum("taken"):#,0} + others {others:#,0}; windows closed {closed:#,0} = judged {judged:#,0} + not judged {notJudged:#,0}
            transitions at the broker and at the hub {IdsOf(site.Local).Count:#,0}, with copies {site.Local.Count:#,0} and {site.Upstream.Count:#,0}
            memory in the last tenth {growth:0.000} of that in the second (at most {MostGrowth}), handles {held[1].Handles} and {held[^1].Handles}
            """));
        var met = Sum("taken") == Readings && received == Readings + others && closed == judged + notJudged && growth <= MostGrowth && held[^1].Handles <= held[1].Handles * MostGrowth;
        await output.WriteLineAsync(met ? "days: all targets met" : $"days: NOT all targets met; counted: {string.Join(", ", counted.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => Text($"{c.Key} {c.Value}")))}\nthe module said:\n{site.Output}");
        return met;
    }

    /// <summary>What was told, without the copies that a lost acknowledgement makes.</summary>
    private static HashSet<string> IdsOf(IEnumerable<ReadOnlyMemory<byte>> bodies) => [.. bodies.Select(body =>
    {
        using var told = JsonDocument.Parse(body);
        return told.RootElement.GetProperty("id").GetString()!;
    })];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
