using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Tests;

namespace EdgeGateway.Scenarios.Hub;

/// <summary>The whole module under a hub: settings from the twin, changed while it runs, and known to a start without a hub.</summary>
public class TwinTests
{
    private const int Seconds = 600;

    [Fact]
    public async Task With_nothing_but_its_identity_it_takes_its_settings_from_the_twin_and_its_alerts_reach_the_hub()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var gateway = site.Run();
        await gateway.SaysAsync("waiting for the twin");
        await site.InForceAsync(site.Patch(site.Desired), gateway);
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        using var feed = new Site(broker.Port);
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => site.Upstream().Count == 1, () => $"the alert, but the gateway said:\n{gateway.Output}");
        var message = Assert.Single(site.Stand.Telemetry);
        var alert = site.Upstream()[0];
        Assert.Equal(("alerts", $"{alert.AlertId}.1", "limit"), (message.Output, message.Id, message.Properties["kind"]));
        Assert.Equal(("application/json", "utf-8"), (message.SystemProperties["$.ct"], message.SystemProperties["$.ce"]));
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task A_patch_changes_a_threshold_and_a_source_while_readings_come_and_no_window_is_lost()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        var desired = site.Desired;
        desired["sources"]!.AsObject().Remove("end");
        site.Patch(desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        using var feed = new Site(broker.Port);
        var messages = Site.PlantMessages(seed: 1, seconds: Seconds);
        var most = messages.Count * 3 / 4;
        var publishing = feed.PublishAsync(messages.Take(most));
        await site.InForceAsync(site.Patch("""{ "detection": { "threshold": 9.5 }, "sources": { "end": { "topic": "end", "values": { "v": "/v" }, "time": "/ts", "range": { "v": [0, 1] } } } }"""), gateway);
        await publishing;

        // a window that closed before the change was in force keeps the threshold that it was judged by
        await feed.PublishAsync(messages.Skip(most));
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => site.Upstream().Any(a => a.Subject == "end/v"), () => $"the alert of the new source, but the gateway said:\n{gateway.Output}");

        var readings = messages.Sum(m => JsonNode.Parse(m.Payload)!.AsObject().Count - 1);
        Assert.Equal((readings + 1, readings + 1), (site.Counter("received"), site.Counter("taken")));
        Assert.Equal(readings / 10, site.Counter("windows.closed"));
        Assert.Single(gateway.Output.Split("Went on with").Skip(1));
        var sensor = messages[0].Topic + "/" + JsonNode.Parse(messages[0].Payload)!.AsObject().First(v => v.Key != "ts").Key;
        Assert.Equal(9.5, (double)(await site.InvokeAsync("explain", $$"""{"sensor":"{{sensor}}"}""")).Body["threshold"]!);
    }

    [Fact]
    public async Task Another_broker_takes_a_new_start_of_the_stages_in_the_same_process()
    {
        using var first = await MosquittoBroker.StartedAsync();
        using var second = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(first);
        site.Patch(site.Desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        await site.InForceAsync(site.Patch($$"""{ "broker": { "port": {{second.Port}} } }"""), gateway);
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected to 127.0.0.1:{second.Port}");
        using var feed = new Site(second.Port);
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => site.Upstream().Any(a => a.Subject == "end/v"), () => $"the alert from the second broker, but the gateway said:\n{gateway.Output}");
    }

    [Fact]
    public async Task Changes_that_come_while_the_stages_start_anew_are_in_force_afterwards_and_end_nothing()
    {
        using var first = await MosquittoBroker.StartedAsync();
        using var second = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(first);
        site.Patch(site.Desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        using var feed = new Site(second.Port);
        for (var i = 0; i < 6; i++)
        {
            site.Patch($$"""{ "broker": { "port": {{(i % 2 == 0 ? second.Port : first.Port)}} } }""");
            site.Patch($$"""{ "detection": { "threshold": {{i}} } }""");
        }

        await site.InForceAsync(site.Patch($$"""{ "broker": { "port": {{second.Port}} }, "sources": { "end": { "range": { "v": [0, 10] } } } }"""), gateway);
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected to 127.0.0.1:{second.Port}");
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":5}""", """{"ts":"2026-01-01T00:00:01Z","v":11}"""]);
        await Eventually.HoldsAsync(() => site.Upstream().Any(a => a.Subject == "end/v"), () => $"the alert, but the gateway said:\n{gateway.Output}");
        Assert.Single(site.Upstream(), a => a.Subject == "end/v");
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task Started_without_a_hub_it_runs_on_what_the_twin_last_said_and_an_identity_made_anew_does_not()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.Patch(site.Desired);
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
            Assert.Equal(0, await gateway.StopAsync());
        }

        site.Stand.Switches.Down = true;
        using (var offline = site.Run())
        {
            await offline.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
            var code = await offline.StopAsync();
            Assert.True(code == 0, $"{code}: {offline.Output}");
        }

        using var other = site.Run("other");
        await other.SaysAsync("waiting for the twin of other");
        Assert.Contains("belong to", other.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("is connected to 127.0.0.1", other.Output, StringComparison.Ordinal);
        Assert.Equal(0, await other.StopAsync());
    }

    [Fact]
    public async Task A_site_file_that_somebody_broke_is_named_and_the_last_good_settings_run()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync(Site.Connected);
            Assert.Equal(0, await gateway.StopAsync());
        }

        await File.WriteAllTextAsync(site.Configuration, "{ \"schema\": 1, ", TestContext.Current.CancellationToken);
        using var again = site.Run();
        await again.SaysAsync(Site.Connected);
        Assert.Contains("is not plain JSON", again.Output, StringComparison.Ordinal);
        Assert.Contains("runs on the settings that were last good", again.Output, StringComparison.Ordinal);
        Assert.Equal(0, await again.StopAsync());
    }

    [Fact]
    public async Task Who_runs_says_so_at_once_and_not_with_the_next_heartbeat()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.Patch("""{ "detection": { "threshold": 3 } }""");
        using var gateway = site.Run();
        JsonObject? Heartbeat() => site.Stand.Twin(site.Stand.NameOf(HubSite.Module))["reported"]?["heartbeat"]?.AsObject();
        await Eventually.HoldsAsync(() => (string?)Heartbeat()?["state"] == "waiting for settings", () => $"it has no sources yet, but said:\n{gateway.Output}");
        site.Patch(site.Desired);
        await Eventually.HoldsAsync(() => (string?)Heartbeat()?["state"] == "running", () => $"it runs, but reported {Heartbeat()?.ToJsonString()} and said:\n{gateway.Output}");
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task A_bad_section_is_reported_with_its_reason_and_the_last_good_one_stays_in_force()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.Patch(site.Desired);
        site.Patch("""{ "detection": { "threshold": 3 } }""");
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        site.Patch("""{ "detection": { "threshold": "high" }, "operations": { "page": -1 } }""");
        JsonObject Reported() => site.Stand.Twin(site.Stand.NameOf(HubSite.Module))["reported"]!.AsObject();
        await Eventually.HoldsAsync(() => (int?)Reported()["detection"]?["status"] == 400, () => $"the report, but it is {Reported().ToJsonString()} and the gateway said:\n{gateway.Output}");
        var reported = Reported();
        Assert.Contains("detection.threshold is a text", (string)reported["detection"]!["error"]!, StringComparison.Ordinal);
        Assert.Equal((400, 200), ((int)reported["operations"]!["status"]!, (int)reported["sources"]!["status"]!));
        Assert.Equal("running", (string)reported["heartbeat"]!["state"]!);
        var schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(SharedFolder.RepositoryRoot, "deployment", "twin", "reported.schema.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal(schema["properties"]!["heartbeat"]!["required"]!.AsArray().Select(n => (string)n!), reported["heartbeat"]!.AsObject().Select(p => p.Key));
        var config = (await site.InvokeAsync("getConfig")).Body;
        Assert.Equal(("twin", 3.0), ((string)config["detection"]!["from"]!, (double)config["detection"]!["value"]!["threshold"]!));
        Assert.Equal("identity", (string)config["gateway"]!["from"]!);
        Assert.EndsWith("site.json", (string)config["hub"]!["from"]!, StringComparison.Ordinal);
    }
}
