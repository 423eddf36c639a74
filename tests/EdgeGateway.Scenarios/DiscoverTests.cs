using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary><c>EdgeGateway discover</c> on a real broker.</summary>
public class DiscoverTests
{
    [Fact]
    public async Task What_is_proposed_for_a_plant_is_a_configuration_that_its_readings_are_taken_with()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port);
        var messages = Site.PlantMessages(seed: 1, seconds: 30);
        using var discovering = GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, "discover", "--config", site.Configuration, "--for", "8s");
        await discovering.SaysAsync("Listening to #");
        for (var again = 0; again < 3; again++)
        {
            await site.PublishAsync(messages);
        }

        Assert.Equal(0, await discovering.ExitAsync());
        var proposed = JsonNode.Parse(discovering.Output[discovering.Output.IndexOf("{\n", StringComparison.Ordinal)..])!["sources"]!.AsObject();
        Assert.NotEmpty(proposed);
        using var found = new Site(broker.Port, settings =>
        {
            settings["gateway"] = "found";
            settings["sources"] = proposed.DeepClone();
        });
        using var gateway = found.Run();
        await gateway.SaysAsync("edgegateway-found is connected");
        using var subscriber = new Subscriber(broker.Port, "found");
        await site.PublishAsync(messages);
        Assert.Equal(0, await gateway.StopAsync());
        await Eventually.HoldsAsync(() => subscriber.Status.Contains("stopped", StringComparison.Ordinal), "the status says stopped");
        Assert.Equal((messages.Count > 0, 0L), (subscriber.Counter("taken") > messages.Count, subscriber.Counter("rejected")));
    }

    [Fact]
    public async Task A_broker_that_is_away_or_silent_is_one_sentence()
    {
        var port = MosquittoBroker.FreePort();
        using var site = new Site(port);
        using var away = GatewayProcess.Start(Path.GetDirectoryName(site.Configuration)!, "discover", "--config", site.Configuration, "--for", "1s");
        Assert.Equal(1, await away.ExitAsync());
        Assert.Contains($"The broker 127.0.0.1:{port} cannot be listened to: Connection refused", away.Output, StringComparison.Ordinal);
        using var broker = await MosquittoBroker.StartedAsync();
        using var quiet = new Site(broker.Port);
        using var silent = GatewayProcess.Start(Path.GetDirectoryName(quiet.Configuration)!, "discover", "--config", quiet.Configuration, "--for", "1s");
        Assert.Equal(3, await silent.ExitAsync());
        Assert.Contains("Nothing came that could be a source: listen longer with --for", silent.Output, StringComparison.Ordinal);
    }
}
