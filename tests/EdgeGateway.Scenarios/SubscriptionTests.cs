using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary>What the broker keeps for us while we are away, and what it is told to keep no longer.</summary>
public class SubscriptionTests
{
    private const string Reading = "edgegateway-" + Site.Gateway + " is connected";

    [Fact]
    public async Task A_filter_that_left_the_configuration_is_unsubscribed()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        using var subscriber = new Subscriber(broker.Port, Site.Gateway);
        await RunOnceAsync(site);
        await File.WriteAllTextAsync(
            site.Configuration, (await File.ReadAllTextAsync(site.Configuration, TestContext.Current.CancellationToken)).Replace("plant/#", "other/#", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        await RunOnceAsync(site);
        await site.PublishAsync("plant/p", ["""{"ts":"2026-01-01T00:00:00Z","a":1}"""]);
        using var gateway = site.Run();
        await gateway.SaysAsync(Reading);
        await site.PublishAsync("plant/p", ["""{"ts":"2026-01-01T00:00:01Z","a":1}"""]);
        await site.EndAsync(gateway, subscriber);
        Assert.Equal((1, 1), (subscriber.Counter("received"), subscriber.Counter("taken")));
    }

    [Fact]
    public async Task A_backlog_waits_for_sources_with_a_time_and_not_for_those_that_go_by_their_arrival()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, s => s["sources"]!["tank"] = System.Text.Json.Nodes.JsonNode.Parse("""{ "topic": "tank/level" }"""));
        using var subscriber = new Subscriber(broker.Port, Site.Gateway);
        await RunOnceAsync(site);
        await site.PublishAsync("plant/p", Enumerable.Range(0, 5).Select(second => $$"""{"ts":"2026-01-01T00:00:0{{second}}Z","a":1}"""));
        await site.PublishAsync("tank/level", ["1", "2", "3"]);
        using var gateway = site.Run();
        await gateway.SaysAsync(Reading);
        await site.PublishAsync("tank/level", ["4"]);
        await site.EndAsync(gateway, subscriber);
        Assert.Equal(5 + 1 + 1, subscriber.Counter("taken"));
    }

    private static async Task RunOnceAsync(Site site)
    {
        using var gateway = site.Run();
        await gateway.SaysAsync(Reading);
        Assert.Equal(0, await gateway.StopAsync());
    }
}
