using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary><c>EdgeGateway outbox</c>, beside a gateway that runs and without one.</summary>
public class OutboxCommandTests
{
    [Fact]
    public async Task A_folder_without_a_database_is_one_sentence_and_exit_2()
    {
        var folder = Directory.CreateTempSubdirectory("edgegateway-outbox-");
        using var outbox = GatewayProcess.Start(folder.FullName, "outbox", "--data", folder.FullName);
        Assert.Equal(2, await outbox.ExitAsync());
        Assert.Contains("has no gateway.db", outbox.Output, StringComparison.Ordinal);
        Assert.Empty(folder.GetFiles());
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_waits_for_the_hub_is_shown_while_the_gateway_runs()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        using var subscriber = new Subscriber(broker.Port, HubSite.Gateway);
        site.Patch(site.Desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        site.Stand.Switches.Down = true;
        await gateway.SaysAsync("has no connection");
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => subscriber.Transitions().Count == 1, () => $"the local broker has the alert, but the gateway said:\n{gateway.Output}");
        using var outbox = GatewayProcess.Start(Path.GetTempPath(), "outbox", "--data", site.PathOf("data"));
        Assert.Equal(0, await outbox.ExitAsync());
        Assert.Matches(@"hub +1 +1 +[0-9,]+  0\.00:0", outbox.Output);
        Assert.Contains("No dead letters.", outbox.Output, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.StopAsync());
    }
}
