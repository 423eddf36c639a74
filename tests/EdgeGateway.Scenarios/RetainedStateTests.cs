using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>Retained states of alerts that others empty or forge, that a broker loses, or that it does not keep at all.</summary>
public class RetainedStateTests
{
    private const string Root = $"edgegateway/{Site.Gateway}";

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task What_others_do_to_our_retained_messages_is_restored_and_counted_and_what_we_do_is_not(string protocol)
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = SiteOn(broker, protocol);
        await site.PublishAsync($"{Root}/alerts/abcdefghij2345672345", ["left by an earlier one"], "-r");
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        using var subscriber = await site.SubscribeAsync();
        string[] alerts = [await RaiseAsync(site, subscriber, "a"), await RaiseAsync(site, subscriber, "b"), await RaiseAsync(site, subscriber, "c")];
        var states = alerts.Select(alert => subscriber.Newest($"{Root}/alerts/{alert}")!).ToArray();
        await site.PublishAsync("limit/c", ["""{"ts":"2026-01-01T00:00:10Z","v":0.5}"""]);
        await Eventually.HoldsAsync(() => subscriber.Newest($"{Root}/alerts/{alerts[2]}") == "", "the state of what has ended is emptied");

        await EmptyAsync(broker, $"{Root}/alerts/{alerts[0]}");
        await site.PublishAsync($"{Root}/alerts/{alerts[1]}", ["forged"], "-r");
        await site.PublishAsync($"{Root}/alerts/{alerts[2]}", [states[2]], "-r");
        await site.PublishAsync($"{Root}/status", ["""{"state":"offline"}"""], "-r");
        await Eventually.HoldsAsync(
            () => subscriber.Newest($"{Root}/alerts/{alerts[0]}") == states[0] && subscriber.Newest($"{Root}/alerts/{alerts[1]}") == states[1]
                && subscriber.Newest($"{Root}/alerts/{alerts[2]}") == "" && subscriber.Status.Contains("online", StringComparison.Ordinal),
            () => $"the states are as they were, but: {string.Join('\n', subscriber.Messages)}\n{gateway.Output}");
        await site.EndAsync(gateway, subscriber);
        string[] problems = ["cleared", "forged", "ended", "unknown", "status"];
        Assert.Equal(problems.Select(p => (p, 1L)), problems.Select(p => (p, subscriber.Counter($"states.restored.{p}"))));
        Assert.Equal(3, subscriber.Transitions().Count(t => t.Subject.StartsWith("limit/", StringComparison.Ordinal) && t.Transition == "raised"));
    }

    [Fact]
    public async Task A_broker_that_has_lost_its_retained_messages_gets_them_again_and_a_gateway_that_has_lost_its_store_empties_the_old_ones()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = SiteOn(broker, "5");
        string alert;
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync(Site.Connected);
            using (var before = await site.SubscribeAsync())
            {
                alert = await RaiseAsync(site, before, "a");
            }

            broker.Kill();
            await gateway.SaysAsync("goes on trying");
            await broker.StartAsync();
            using var subscriber = await site.SubscribeAsync();
            await Eventually.HoldsAsync(() => subscriber.Newest($"{Root}/alerts/{alert}")?.Contains(alert, StringComparison.Ordinal) == true, () => $"the state is there again, but: {gateway.Output}");
            Assert.Equal(0, await gateway.StopAsync());
        }

        Directory.Delete(site.Data, recursive: true);
        using var other = site.Run();
        using var after = await site.SubscribeAsync();
        await Eventually.HoldsAsync(() => after.Newest($"{Root}/alerts/{alert}") == "", () => $"what nobody knows is gone, but: {other.Output}");
        Assert.Equal(0, await other.StopAsync());
    }

    [Fact]
    public async Task A_broker_that_keeps_no_retained_messages_gets_the_events_and_is_named_once()
    {
        using var broker = await MosquittoBroker.StartedAsync("allow_anonymous true", "retain_available false");
        using var site = SiteOn(broker, "5");
        using var gateway = site.Run();
        await gateway.SaysAsync("The broker keeps no retained messages");
        await gateway.SaysAsync(Site.Connected);
        using var subscriber = new Subscriber(broker.Port, Site.Gateway);
        await Eventually.HoldsAsync(() => Listens(site, subscriber), "the subscription is in force");
        await site.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Subject == "end/v"), () => $"the alert, but: {gateway.Output}");
        Assert.Equal(0, await gateway.StopAsync());
        await Eventually.HoldsAsync(() => subscriber.Status.Contains("stopped", StringComparison.Ordinal), "the status, not retained");
        Assert.True(subscriber.Counter("states.unretained") > 0);
        Assert.DoesNotContain(subscriber.Messages, m => m.Topic.StartsWith($"{Root}/alerts/", StringComparison.Ordinal));
        Assert.Equal(2, gateway.Output.Split("The broker keeps no retained messages").Length);
    }

    private static bool Listens(Site site, Subscriber subscriber)
    {
        site.PublishAsync(Subscriber.Mark(Site.Gateway), ["here"]).GetAwaiter().GetResult();
        return subscriber.Newest(Subscriber.Mark(Site.Gateway)) is not null;
    }

    private static Site SiteOn(MosquittoBroker broker, string protocol) => new(broker.Port, settings =>
    {
        settings["broker"]!["protocol"] = protocol;
        settings["sources"]!["limits"] = JsonNode.Parse("""{ "topic": "limit/{name}", "values": { "v": "/v" }, "time": "/ts", "range": { "v": [0, 1] } }""");
    });

    /// <summary>Raises a limit alert, and gives its id once its state is there.</summary>
    private static async Task<string> RaiseAsync(Site site, Subscriber subscriber, string name)
    {
        await site.PublishAsync($"limit/{name}", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Any(t => t.Subject == $"limit/{name}/v"), $"the alert of {name}");
        var alert = subscriber.Transitions().First(t => t.Subject == $"limit/{name}/v").AlertId;
        await Eventually.HoldsAsync(() => subscriber.Newest($"{Root}/alerts/{alert}") is not null, "its state");
        return alert;
    }

    private static async Task EmptyAsync(MosquittoBroker broker, string topic)
    {
        var (code, said) = await Tool.RunAsync("mosquitto_pub", "-h", "127.0.0.1", "-p", broker.Port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-r", "-n", "-t", topic);
        Assert.True(code == 0, said);
    }
}
