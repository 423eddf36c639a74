using System.Globalization;
using System.Text.Json;
using EdgeGateway.Soak.Harness;

namespace EdgeGateway.Soak;

/// <summary>Our own outages are not the sensors' fault: 500 sensors, and a broker that is killed for ten minutes costs one alert of our own, a hub that is away as long none. Side by side.</summary>
internal sealed class Outage(TextWriter output)
{
    private const int Sensors = 500;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(10);

    /// <summary>Longer than any sensor here may be silent.</summary>
    private static readonly TimeSpan After = TimeSpan.FromMinutes(2.5);

    /// <summary>Runs and prints; true when all targets are met.</summary>
    public async Task<bool> RunAsync(CancellationToken token)
    {
        await output.WriteLineAsync(Text($"{Environment.ProcessorCount} cores. {Sensors} sensors, one reading a second each, in two gateways; what is away is away for {Away.TotalMinutes} minutes."));
        var told = await Task.WhenAll(BrokerAwayAsync(token), HubAwayAsync(token));
        var met = told[0] is ["own broker raised", "own broker cleared"] & told[1].Count == 0;
        await output.WriteLineAsync($"broker killed: {Said(told[0])}");
        await output.WriteLineAsync($"hub away:      {Said(told[1])}");
        await output.WriteLineAsync(met ? "outage: all targets met" : "outage: NOT all targets met");
        return met;
    }

    private static async Task<IReadOnlyList<string>> BrokerAwayAsync(CancellationToken token)
    {
        var data = Directory.CreateTempSubdirectory("edgegateway-soak-");
        await using var site = await RunningAsync(data, token);
        using (var readings = Load(site, Before))
        {
            await readings.EndAsync(token);
            site.Broker.Kill();
        }

        await Task.Delay(Away, TimeProvider.System, token);
        await site.Broker.RestartAsync(token);
        using var again = Load(site, After);
        await again.EndAsync(token);
        return await EndAsync(site, data, token);
    }

    private static async Task<IReadOnlyList<string>> HubAwayAsync(CancellationToken token)
    {
        var data = Directory.CreateTempSubdirectory("edgegateway-soak-");
        await using var site = await RunningAsync(data, token);
        using var readings = Load(site, Before + Away + After);
        await Task.Delay(Before, TimeProvider.System, token);
        site.Hub.Switches.Down = true;
        await Task.Delay(Away, TimeProvider.System, token);
        site.Hub.Switches.Down = false;
        await readings.EndAsync(token);
        return await EndAsync(site, data, token);
    }

    private static async Task<DeliverySite> RunningAsync(DirectoryInfo data, CancellationToken token)
    {
        var site = await DeliverySite.StartAsync(data.FullName, token);
        site.Run([]);
        await site.ConnectedAsync(token);
        return site;
    }

    private static Generator Load(DeliverySite site, TimeSpan duration) => new(site.Broker, Sensors, Sensors, duration, new ReadingMode(1, "received", "5"));

    /// <summary>A last alert of a limit goes through, so that all before it has arrived; what else was told, in order.</summary>
    private static async Task<IReadOnlyList<string>> EndAsync(DeliverySite site, DirectoryInfo data, CancellationToken token)
    {
        await site.PublishAsync(new TogglingSensors(DeliverySite.Name).Next(), token);
        await Eventually.HoldsAsync(() => Told(site).Count(t => t == "limit limit raised") == TogglingSensors.Values.Count(), () => $"the last alerts arrive, but the module said:\n{site.Output}", token);

        // the load is made-up numbers: what the model says of them is not the question
        var told = Told(site).Where(t => t != "limit limit raised" && !t.StartsWith("anomaly ", StringComparison.Ordinal)).ToList();
        await site.StopAsync(token);
        data.Delete(recursive: true);
        return told;
    }

    private static List<string> Told(DeliverySite site) => [.. site.Upstream.Select(body =>
    {
        using var read = JsonDocument.Parse(body);
        var data = read.RootElement.GetProperty("data");
        return $"{data.GetProperty("family").GetString()} {data.GetProperty("kind").GetString()} {data.GetProperty("transition").GetString()}";
    })];

    private static string Said(IReadOnlyList<string> told) => told.Count == 0 ? "nothing" : string.Join(", ", told);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
