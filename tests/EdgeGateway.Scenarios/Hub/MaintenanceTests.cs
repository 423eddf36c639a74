using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Hub;

/// <summary>Assets go out of service and come back while the whole module runs: by direct method, by the twin, and over a kill.</summary>
public class MaintenanceTests
{
    [Fact]
    public async Task An_asset_that_a_method_takes_out_of_service_raises_nothing_and_its_sensors_learn_anew_afterwards()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        site.Patch(site.Desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        await feed.PublishAsync("plant/p", Sine(0, 400, scale: 1));
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => site.Counter("windows.closed") == 40 && site.Upstream().Count == 1, () => $"all is worked off, but the gateway said:\n{gateway.Output}");
        var judged = site.Counter("windows.judged");

        Assert.Equal(404, (await MaintainAsync(site, "plant/x", "02:00:00")).Status);
        Assert.Equal(200, (await MaintainAsync(site, "end", "02:00:00")).Status);
        var (status, answer) = await MaintainAsync(site, "plant/p", "02:00:00");
        Assert.Equal((200, true), (status, (bool)answer["outOfService"]!));
        await feed.PublishAsync("plant/p", Sine(400, 200, scale: 50));
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:01Z","v":0.5}""", """{"ts":"2026-01-01T00:00:02Z","v":3}"""]);
        await Eventually.HoldsAsync(() => site.Counter("windows.closed") == 60 && site.Counter("taken") == 603, () => $"what came meanwhile is worked off, but the gateway said:\n{gateway.Output}");
        Assert.Equal((20, judged, 2), (site.Counter("windows.not_judged.maintenance"), site.Counter("windows.judged"), site.Counter("assets.maintenance")));

        Assert.False((bool)(await MaintainAsync(site, "plant/p", "00:00:00")).Body["outOfService"]!);
        Assert.Equal(200, (await MaintainAsync(site, "end", "00:00:00")).Status);
        await feed.PublishAsync("plant/p", Sine(600, 400, scale: 50));
        await Eventually.HoldsAsync(() => site.Counter("windows.closed") == 100, () => $"the new normal is worked off, but the gateway said:\n{gateway.Output}");
        Assert.Equal(2 * 29, site.Counter("windows.not_judged.warming"));
        Assert.Equal(400, (long)(await site.InvokeAsync("explain", """{"sensor":"plant/p/v"}""")).Body["window"]!["samples"]!);
        await Eventually.HoldsAsync(() => site.Upstream().Count == 8, () => $"eight transitions, but there are {site.Upstream().Count} and the gateway said:\n{gateway.Output}");
        Assert.Equal(
            [
                "end maintenance raised Ada 120", "end maintenance cleared Ada ", "end/v limit raised  ", "end/v limit outOfService Ada 120", "end/v limit cleared  ", "end/v limit raised  ",
                "plant/p maintenance raised Ada 120", "plant/p maintenance cleared Ada ",
            ],
            Told(site));
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task What_a_window_of_the_twin_began_ends_with_the_window_and_what_a_command_began_survives_a_kill()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        site.Patch(site.Desired);
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
            await feed.PublishAsync("plant/p", Sine(0, 10, scale: 1));
            await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
            await Eventually.HoldsAsync(() => site.Upstream().Count == 1, () => $"the alert, but the gateway said:\n{gateway.Output}");
            var now = TimeProvider.System.GetUtcNow();
            var window = new JsonObject { ["assets"] = new JsonArray("end", "plant/*"), ["from"] = Time(now.AddMinutes(-1)), ["until"] = Time(now.AddHours(1)) };
            await site.InForceAsync(site.Patch(new JsonObject { ["alerts"] = new JsonObject { ["maintenance"] = new JsonObject { ["wash"] = window } } }), gateway);
            await Eventually.HoldsAsync(() => site.Upstream().Count == 4, () => $"two assets are out of service, but the gateway said:\n{gateway.Output}");
            Assert.Equal(409, (await MaintainAsync(site, "end", "00:00:00")).Status);
            Assert.Equal(200, (await MaintainAsync(site, "plant/p", "02:00:00")).Status);
            await Eventually.HoldsAsync(() => site.Upstream().Count == 5, () => $"the longer time is told, but the gateway said:\n{gateway.Output}");
            Assert.Equal(["plant/p maintenance raised alerts.maintenance.wash 60", "plant/p maintenance updated Ada 120"], Told(site)[^2..]);
            gateway.Kill();
        }

        site.Patch("""{ "alerts": { "maintenance": { "wash": null } } }""");
        using var again = site.Run();
        await Eventually.HoldsAsync(() => Told(site).Length == 7, () => $"the window is over, but there are {string.Join(" | ", Told(site))} and the gateway said:\n{again.Output}");
        Assert.Equal(
            ["end maintenance raised alerts.maintenance.wash 60", "end maintenance cleared  ", "end/v limit raised  ", "end/v limit outOfService alerts.maintenance.wash 60", "end/v limit inService  "], Told(site)[..5]);
        await Eventually.HoldsAsync(() => site.Counter("assets.maintenance") == 1, "one asset is still out of service");
        Assert.Equal(200, (await MaintainAsync(site, "plant/p", "00:00:00")).Status);
        await Eventually.HoldsAsync(() => Told(site)[^1] == "plant/p maintenance cleared Ada ", () => $"its end is told, but the gateway said:\n{again.Output}");
        Assert.Equal(0, await again.StopAsync());
    }

    [Fact]
    public async Task A_journal_that_is_worked_off_after_a_kill_tells_nothing_of_an_asset_that_was_out_of_service_meanwhile()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        var desired = site.Desired;
        desired["ack"] = "durable";
        site.Patch(desired);
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
            await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":0.5}"""]);
            await Eventually.HoldsAsync(() => site.Counter("taken") == 1, () => $"the reading is taken, but the gateway said:\n{gateway.Output}");
            Assert.Equal(200, (await MaintainAsync(site, "end", "02:00:00")).Status);
            await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:01Z","v":2}"""]);
            await Eventually.HoldsAsync(() => site.Counter("taken") == 2, () => $"the second one too, but the gateway said:\n{gateway.Output}");
            gateway.Kill();
        }

        using var again = site.Run();
        await again.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        await Eventually.HoldsAsync(() => (string?)site.Status()["state"] == "running" && Told(site).Length > 0 && site.Counter("alerts.pending.hub") == 0, () => $"the hub has all that there is, but the gateway said:\n{again.Output}");
        Assert.Equal(["end maintenance raised Ada 120"], Told(site));
        Assert.Equal(200, (await MaintainAsync(site, "end", "00:00:00")).Status);
        await Eventually.HoldsAsync(() => Told(site).Length == 3, () => $"what still holds is told, but there are {string.Join(" | ", Told(site))} and the gateway said:\n{again.Output}");
        Assert.Equal(["end maintenance raised Ada 120", "end maintenance cleared Ada ", "end/v limit raised  "], Told(site));
        Assert.Equal(0, await again.StopAsync());
    }

    /// <summary>What the hub was told but for our own outage, by subject and there in order, as "subject kind transition who minutes-until".</summary>
    private static string[] Told(HubSite site) =>
        [.. site.Stand.Telemetry.DistinctBy(m => m.Id).Where(m => m.Properties["kind"] != "broker").Select(m => Shown(JsonNode.Parse(m.Body.Span)!)).OrderBy(t => t.Split(' ')[0], StringComparer.Ordinal)];

    private static string Shown(JsonNode alert)
    {
        var data = alert["data"]!;
        var minutes = data["outOfServiceUntil"] is { } until ? $"{Math.Ceiling(((DateTimeOffset)until - (DateTimeOffset)alert["time"]!).TotalMinutes)}" : "";
        return $"{((string)alert["subject"]!).Replace($"{HubSite.Gateway}/maintenance/", "", StringComparison.Ordinal)} {data["kind"]} {data["transition"]} {data["by"]} {minutes}";
    }

    private static Task<(int Status, JsonObject Body)> MaintainAsync(HubSite site, string asset, string time) =>
        site.InvokeAsync("maintenance", $$"""{ "asset": "{{asset}}", "by": "Ada", "for": "{{time}}" }""");

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Sine(int first, int count, double scale) =>
        Enumerable.Range(first, count).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{1767250800 + i}},"v":{{scale * Math.Sin(i)}}}"""));
}
