using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios;

/// <summary><c>ack: durable</c>: whatever moment the module is killed at, the alerts are those of an undisturbed run.</summary>
public class DurableTests
{
    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task Killed_at_random_moments_it_raises_the_same_alerts(string protocol)
    {
        var messages = Site.PlantMessages(seed: 1, seconds: 1800);
        var undisturbed = await AlertsAsync(messages, protocol, kills: 0);
        Assert.Contains(undisturbed, a => a.Transition == "raised" && a.Family == "anomaly");
        Assert.Equal(undisturbed, await AlertsAsync(messages, protocol, kills: 6));
    }

    [Fact]
    public async Task Killed_twenty_times_over_a_recorded_water_rig_it_raises_the_same_alerts()
    {
        var messages = Site.RecordedMessages(Tests.SharedFolder.Require("data/skab"));
        var undisturbed = await AlertsAsync(messages, "5", kills: 0);
        Assert.Contains(undisturbed, a => a.Transition == "raised" && a.Family == "anomaly");
        Assert.Equal(undisturbed, await AlertsAsync(messages, "5", kills: 20));
    }

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task Cut_off_from_its_broker_at_random_moments_it_raises_the_same_alerts(string protocol)
    {
        var messages = Site.PlantMessages(seed: 1, seconds: 1800);
        Assert.Equal(await AlertsAsync(messages, protocol, kills: 0), await AlertsAsync(messages, protocol, kills: 0, cuts: 5));
    }

    /// <summary>The transitions of a whole feed, without equal copies and the gateway's own alerts, in a stable order.</summary>
    private static async Task<IReadOnlyList<SeenTransition>> AlertsAsync(IReadOnlyList<(string Topic, string Payload)> messages, string protocol, int kills, int cuts = 0)
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var cable = new Cable(broker.Port);
        using var site = new Site(broker.Port, s => (s["ack"], s["broker"]!["protocol"], s["broker"]!["port"]) = ("durable", protocol, cable.Port));
        using var subscriber = await site.SubscribeAsync();
        var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        var feed = site.PublishAsync(messages);
        var random = new Random(7);
        for (var kill = 0; kill < kills; kill++)
        {
            // also while it starts and reads its journal
            await WaitAsync(random.Next(100, 2500));
            gateway.Kill();
            gateway.Dispose();
            gateway = site.Run();
        }

        for (var cut = 0; cut < cuts; cut++)
        {
            await WaitAsync(random.Next(10, 1500));
            cable.Cut();
        }

        await feed;
        await site.EndAsync(gateway, subscriber);
        gateway.Dispose();
        Assert.Equal(0, subscriber.Counter("sessions.lost"));
        return [.. subscriber.Transitions().Where(t => t.Family != "own").Distinct().OrderBy(t => t.AlertId, StringComparer.Ordinal).ThenBy(t => t.Sequence)];
    }

    private static Task WaitAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);
}
