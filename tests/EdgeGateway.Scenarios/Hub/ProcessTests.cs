using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using Hubstand.Hub;

namespace EdgeGateway.Scenarios.Hub;

/// <summary>How the process begins and ends in the environment of a module, with a hub that is there, not yet, or no longer.</summary>
public class ProcessTests
{
    private const string Alerts = "edgegateway-" + HubSite.Gateway;
    private static readonly (string, string)[] Runtime =
    [
        ("IOTEDGE_WORKLOADURI", "unix:///nowhere.sock"), ("IOTEDGE_AUTHSCHEME", "sasToken"), ("IOTEDGE_MODULEGENERATIONID", "1"), ("IOTEDGE_IOTHUBHOSTNAME", "hub.example"),
        ("IOTEDGE_GATEWAYHOSTNAME", "localhost"), ("IOTEDGE_DEVICEID", "edge-1"), ("IOTEDGE_MODULEID", "gw"),
    ];

    [Theory]
    [InlineData("EdgeHubConnectionString", "HostName=n.net;SharedAccessKey=aHVudGVyMg==", "has no DeviceId")]
    [InlineData("EdgeHubConnectionString", "hunter2", "EdgeHubConnectionString")]
    [InlineData("IotHubConnectionString", "HostName=n.net;DeviceId=d;SharedAccessKey=hunter2!", "is not base64")]
    [InlineData("IotHubConnectionString", "HostName=n.net;DeviceId=d;x509=true", "hub.certFile")]
    [InlineData("IOTEDGE_DEVICEID", "", "IOTEDGE_DEVICEID is missing")]
    [InlineData("IOTEDGE_DEVICEID", "hunter2#", "IOTEDGE_DEVICEID has characters")]
    [InlineData("IOTEDGE_WORKLOADURI", "hunter2", "IOTEDGE_WORKLOADURI is not the address")]
    [InlineData("IOTEDGE_WORKLOADURI", "ftp://hunter2", "IOTEDGE_WORKLOADURI is not the address")]
    [InlineData("IOTEDGE_AUTHSCHEME", "hunter2", "only sasToken")]
    [InlineData("IOTEDGE_GATEWAYHOSTNAME", "hunter2/x", "is not a host name")]
    public async Task An_environment_that_cannot_be_used_exits_2_with_one_sentence_that_shows_no_value(string name, string value, string sentence)
    {
        var variables = Runtime.ToDictionary(v => v.Item1, v => v.Item2);
        variables[name] = value;
        using var gateway = GatewayProcess.Start(Path.GetTempPath(), variables, "run");
        Assert.Equal(2, await gateway.ExitAsync());
        Assert.Contains(sentence, gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", gateway.Output, StringComparison.Ordinal);
        Assert.EndsWith(".", Assert.Single(gateway.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_while_the_hub_acknowledges_nothing_ends_with_0_in_time_and_the_next_start_sends_what_waits_under_the_same_ids()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        site.Patch(site.Desired);
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync($"{Alerts} is connected");
            await gateway.SaysAsync($"edge-1/{HubSite.Module} is connected");
            site.Stand.Switches.LosePubAcks = 1000;
            await feed.PublishAsync("end", Enumerable.Range(0, 6).Select(i => $$"""{"ts":"2026-01-01T00:00:0{{i}}Z","v":{{(i % 2 == 0 ? 2 : 0)}}}"""));
            await Eventually.HoldsAsync(() => site.Stand.Telemetry.Count > 0 && site.Counter("transitions.new.hub") == 6, () => $"six transitions, but the gateway said:\n{gateway.Output}");
            var began = TimeProvider.System.GetTimestamp();
            Assert.Equal(0, await gateway.StopAsync());
            Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 10);
        }

        site.Stand.Switches.LosePubAcks = 0;
        using var again = site.Run();
        await Eventually.HoldsAsync(() => site.Stand.Telemetry.Select(m => m.Id).Distinct().Count() == 6, () => $"all arrive, but the gateway said:\n{again.Output}");
        Assert.Equal(["raised", "cleared", "raised", "cleared", "raised", "cleared"], site.Upstream().Distinct().Select(a => a.Transition));
        Assert.True(site.Stand.Telemetry.Count > 6);
    }

    [Fact]
    public async Task The_first_start_of_all_before_there_is_a_hub_runs_on_the_site_file_and_connects_by_itself_later()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        site.WriteSiteSettings();
        site.Stand.Switches.Down = true;
        site.Stand.Workload(HubSite.Module).Stop();
        using var gateway = site.Run();
        await gateway.SaysAsync($"{Alerts} is connected");
        await gateway.SaysAsync($"edge-1/{HubSite.Module} has no connection");
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        site.Stand.Workload(HubSite.Module).Start();
        site.Stand.Switches.Down = false;
        await Eventually.HoldsAsync(() => site.Upstream().Count == 1, () => $"the alert, but the gateway said:\n{gateway.Output}");
        await site.InForceAsync(site.Patch("""{ "detection": { "threshold": 3 } }"""), gateway);
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task With_edgeHub_down_at_the_start_it_runs_on_the_last_good_settings_and_takes_what_changed_meanwhile_once_edgeHub_is_back()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.Patch(site.Desired);
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync($"{Alerts} is connected");
            Assert.Equal(0, await gateway.StopAsync());
        }

        site.Stand.Switches.Down = true;
        var version = site.Patch("""{ "detection": { "threshold": 3 } }""");
        using var offline = site.Run();
        await offline.SaysAsync($"{Alerts} is connected");
        await offline.SaysAsync($"edge-1/{HubSite.Module} has no connection");
        site.Stand.Switches.Down = false;
        await Eventually.HoldsAsync(() => site.Count(HubEvent.Connected) == 2, () => $"it connects, but said:\n{offline.Output}");
        await site.InForceAsync(version, offline);
        Assert.Equal(3, (double)(await site.InvokeAsync("getConfig")).Body["detection"]!["value"]!["threshold"]!);
        Assert.Equal(0, await offline.StopAsync());
    }

    [Fact]
    public async Task Over_a_site_file_that_somebody_broke_the_twin_and_the_way_to_the_hub_go_on()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.WriteSiteSettings();
        site.Patch("""{ "detection": { "threshold": 3 } }""");
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync($"{Alerts} is connected");
            await gateway.SaysAsync($"edge-1/{HubSite.Module} is connected");
            await Eventually.HoldsAsync(() => site.Count(HubEvent.ReportedUpdated) > 0, () => $"a report, but it said:\n{gateway.Output}");
            Assert.Equal(0, await gateway.StopAsync());
        }

        await File.WriteAllTextAsync(site.PathOf("site.json"), "{ \"schema\": 1, ", TestContext.Current.CancellationToken);
        using var again = site.Run();
        await again.SaysAsync("runs on the settings that were last good");
        await again.SaysAsync($"{Alerts} is connected");
        await again.SaysAsync($"edge-1/{HubSite.Module} is connected");
        await site.InForceAsync(site.Patch("""{ "alerts": { "clearAfter": "00:02:00" } }"""), again);
        var config = (await site.InvokeAsync("getConfig")).Body;
        Assert.Equal(("twin", 3.0, "00:02:00"), ((string)config["detection"]!["from"]!, (double)config["detection"]!["value"]!["threshold"]!, (string)config["alerts"]!["value"]!["clearAfter"]!));
        Assert.EndsWith("site.json", (string)config["broker"]!["from"]!, StringComparison.Ordinal);
        Assert.Equal(0, await again.StopAsync());
    }

    [Theory]
    [InlineData("debug", "debug")]
    [InlineData("Warning", "warning")]
    [InlineData("loud", "info")]
    public async Task The_log_level_of_the_runtime_is_the_one_at_the_start(string variable, string level)
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var gateway = site.Run(HubSite.Module, ("RuntimeLogLevel", variable));
        await Eventually.HoldsAsync(() => site.Stand.Connected.Count == 1, () => $"it connects, but said:\n{gateway.Output}");
        JsonObject body = [];
        await Eventually.HoldsAsync(() => (body = site.InvokeAsync("logLevel").GetAwaiter().GetResult().Body).Count > 0, () => $"an answer, but it said:\n{gateway.Output}");
        Assert.Equal(level, (string?)body["level"]);
        Assert.Equal(level != "warning", gateway.Output.Contains("[INF]", StringComparison.Ordinal));
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Theory]
    [InlineData("settings.last-good.json")]
    [InlineData("gateway.db")]
    public async Task A_stop_while_the_stages_start_ends_with_0(string file)
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.WriteSiteSettings();
        using var gateway = site.Run();
        await Eventually.HoldsAsync(() => File.Exists(Path.Combine(site.PathOf("data"), file)), $"{file} is written");
        var code = await gateway.StopAsync();
        Assert.True(code == 0, $"{code}: {gateway.Output}");
    }

    /// <summary>Several times: how far the stages are at that moment is chance.</summary>
    [Fact]
    public async Task A_stop_at_the_moment_when_the_hub_is_there_and_the_stages_are_not_ends_with_0()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.WriteSiteSettings();
        for (var i = 0; i < 6; i++)
        {
            using var gateway = site.Run();
            await gateway.SaysAsync($"edge-1/{HubSite.Module} is connected");
            var code = await gateway.StopAsync();
            Assert.True(code == 0, $"{code}: {gateway.Output}");
        }
    }
}
