using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Hub;

/// <summary>Commands to a gateway that runs: as direct methods, and over the local broker.</summary>
public class CommandTests
{
    [Fact]
    public async Task Direct_methods_answer_what_the_gateway_knows_of_a_sensor()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        site.Patch(site.Desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        using var feed = new Site(broker.Port);
        await feed.PublishAsync("plant/p", Enumerable.Range(0, 400).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{1767250800 + i}},"v":{{Math.Sin(i)}}}""")));
        await Eventually.HoldsAsync(() => site.Counter("windows.closed") == 40, "all windows are closed");

        var (status, why) = await site.InvokeAsync("explain", """{"sensor":"plant/p/v"}""");
        Assert.Equal((200, "model"), (status, (string?)why["judge"]));
        Assert.EndsWith("=", (string)why["prompt"]!, StringComparison.Ordinal);
        var captured = (await site.InvokeAsync("captureWindow", """{"sensor":"plant/p/v"}""")).Body["samples"]!.AsArray();
        Assert.Equal((60, Math.Sin(399)), (captured.Count, (double)captured[^1]![1]!));
        Assert.Equal("debug", (string)(await site.InvokeAsync("logLevel", """{"level":"debug"}""")).Body["level"]!);
        Assert.Equal(400, (await site.InvokeAsync("explain", "[1]")).Status);
        Assert.Equal(501, (await site.InvokeAsync("reboot")).Status);
        Assert.Equal(400, (await site.InvokeAsync("acknowledge")).Status);
    }

    [Fact]
    public async Task An_alert_that_is_acknowledged_and_shelved_says_so_everywhere_and_its_next_one_waits()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        using var subscriber = new Subscriber(broker.Port, HubSite.Gateway);
        site.Patch(site.Desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => site.Upstream().Count == 1, () => $"the alert, but the gateway said:\n{gateway.Output}");
        var id = site.Upstream()[0].AlertId;
        var (status, acknowledged) = await site.InvokeAsync("acknowledge", $$"""{"alertId":"{{id}}","by":"Ada"}""");
        Assert.Equal((200, true, "Ada"), (status, (bool)acknowledged["data"]!["acknowledged"]!, (string?)acknowledged["data"]!["by"]));
        Assert.Equal(409, (await site.InvokeAsync("acknowledge", $$"""{"alertId":"{{id}}","by":"Ada"}""")).Status);
        Assert.Equal(200, (await site.InvokeAsync("shelve", $$"""{"alertId":"{{id}}","by":"Ada","for":"01:00:00"}""")).Status);
        await Eventually.HoldsAsync(() => subscriber.Newest($"edgegateway/{HubSite.Gateway}/alerts/{id}")?.Contains("shelvedUntil", StringComparison.Ordinal) == true, "the retained state says it");
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:01Z","v":0.5}""", """{"ts":"2026-01-01T00:00:02Z","v":3}"""]);
        await Eventually.HoldsAsync(() => site.Upstream().Count == 4, () => $"the end of the first, but the gateway said:\n{gateway.Output}");
        Assert.Equal(200, (await site.InvokeAsync("unshelve", $$"""{"alertId":"{{id}}","by":"Ada"}""")).Status);
        await Eventually.HoldsAsync(() => site.Upstream().Count == 6, () => $"the second, but the gateway said:\n{gateway.Output}");
        Assert.Equal(["raised", "acknowledged", "shelved", "cleared", "unshelved", "raised"], site.Upstream().Select(t => t.Transition));
        Assert.NotEqual(id, site.Upstream()[5].AlertId);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Count == 6, "the local broker has them too");
        Assert.Equal(site.Upstream(), subscriber.Transitions());
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task A_site_that_is_observed_tells_the_local_broker_alone_and_the_hub_what_is_still_open_afterwards()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        using var subscriber = new Subscriber(broker.Port, HubSite.Gateway);
        site.Patch(site.Desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        site.Patch(new JsonObject { ["alerts"] = new JsonObject { ["mode"] = "observe" } });
        await Eventually.HoldsAsync(() => (string?)site.Status()["mode"] == "observe", "the status says so");
        await feed.PublishAsync("end", [.. new[] { 2, 0.5, 3 }.Select((value, second) => string.Create(CultureInfo.InvariantCulture, $$"""{"ts":"2026-01-01T00:00:0{{second}}Z","v":{{value}}}"""))]);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Count == 3, () => $"the local broker has two alerts and an end, but the gateway said:\n{gateway.Output}");
        Assert.Empty(site.Upstream());
        site.Patch(new JsonObject { ["alerts"] = new JsonObject { ["mode"] = "full" } });
        await Eventually.HoldsAsync(() => site.Upstream().Count == 1, () => $"the open alert, but the gateway said:\n{gateway.Output}");
        Assert.Equal(subscriber.Transitions()[2], site.Upstream()[0]);
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task Over_the_local_broker_only_what_the_settings_allow_is_answered_and_only_below_our_replies()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, settings => settings["operations"] = new JsonObject { ["commands"] = new JsonArray("ping") });
        using var gateway = site.Run();
        await gateway.SaysAsync($"{Site.Gateway}-out is connected");
        Assert.Equal(200, (int)(await AskAsync(broker, "ping", $"edgegateway/{Site.Gateway}/replies/me"))!["status"]!);
        var refused = await AskAsync(broker, "status", $"edgegateway/{Site.Gateway}/replies/me");
        Assert.Equal(403, (int)refused!["status"]!);
        Assert.Contains("operations.commands", (string)refused["payload"]!["error"]!, StringComparison.Ordinal);
        Assert.Null(await AskAsync(broker, "ping", "plant/line-1/valve"));
    }

    [Fact]
    public async Task What_cannot_be_answered_over_the_local_broker_is_counted_and_the_next_request_is_answered()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, settings => settings["operations"] = new JsonObject { ["commands"] = new JsonArray("status") });
        using var gateway = site.Run();
        await gateway.SaysAsync($"{Site.Gateway}-out is connected");
        var (replies, large) = ($"edgegateway/{Site.Gateway}/replies/me", site.PathOf("large"));
        await File.WriteAllBytesAsync(large, new byte[1 << 20], TestContext.Current.CancellationToken);
        await SendAsync(broker, "-f", large, "-D", "publish", "response-topic", replies);
        await SendAsync(broker, "-m", "{}", "-D", "publish", "response-topic", $"edgegateway/{Site.Gateway}/events");
        await SendAsync(broker, "-m", "{}", "-D", "publish", "response-topic", "plant/line-1/valve");
        await SendAsync(broker, "-m", "{}");
        var counters = (await AskAsync(broker, "status", replies))!["payload"]!["counters"]!;
        Assert.Equal((1, 3), ((int?)counters["commands.unanswered.size"], (int?)counters["commands.unanswered.responseTopic"]));
    }

    [Fact]
    public async Task Without_an_allow_list_nothing_is_answered_over_the_local_broker()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var gateway = site.Run();
        await gateway.SaysAsync($"{Site.Gateway}-out is connected");
        Assert.Null(await AskAsync(broker, "ping", $"edgegateway/{Site.Gateway}/replies/me"));
    }

    private static async Task SendAsync(MosquittoBroker broker, params string[] arguments)
    {
        var (code, output) = await Tool.RunAsync(
            "mosquitto_pub", ["-h", "127.0.0.1", "-p", broker.Port.ToString(CultureInfo.InvariantCulture), "-V", "5", "-q", "1", "-t", $"edgegateway/{Site.Gateway}/commands/status", .. arguments]);
        Assert.True(code == 0, output);
    }

    /// <summary>Asks with the real mosquitto_rr; null when nobody answers within two seconds.</summary>
    private static async Task<JsonObject?> AskAsync(MosquittoBroker broker, string command, string replyTo)
    {
        var (_, output) = await Tool.RunAsync(
            "mosquitto_rr", "-h", "127.0.0.1", "-p", broker.Port.ToString(CultureInfo.InvariantCulture), "-V", "5", "-q", "1", "-W", "2", "-t", $"edgegateway/{Site.Gateway}/commands/{command}", "-e", replyTo, "-m", "{}");
        return output.Contains('{', StringComparison.Ordinal) ? JsonNode.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..])!.AsObject() : null;
    }
}
