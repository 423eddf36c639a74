using EdgeGateway.Scenarios.Harness;
using Hubstand.Hub;

namespace EdgeGateway.Scenarios.Hub;

/// <summary>Alerts on their way to the hub.</summary>
public class DeliveryTests
{
    [Fact]
    public async Task A_renamed_output_makes_the_alert_vanish()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker, HubSite.Manifest.Replace("outputs/alerts", "outputs/alarms", StringComparison.Ordinal));
        using var feed = new Site(broker.Port);
        using var gateway = await RunningAsync(site);
        await feed.PublishAsync("end", ["""{"ts":"2026-01-01T00:00:00Z","v":2}"""]);
        await Eventually.HoldsAsync(() => site.Counter("alerts.delivered") == 2, () => $"both sinks take the alert, but the gateway said:\n{gateway.Output}");
        Assert.Equal(1, site.Count(HubEvent.DroppedNoRoute));
        Assert.Empty(site.Stand.Telemetry);
    }

    [Fact]
    public async Task While_the_hub_is_away_alerts_wait_and_then_arrive_in_order_once_each()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        using var feed = new Site(broker.Port);
        using var subscriber = new Subscriber(broker.Port, HubSite.Gateway);
        using var gateway = await RunningAsync(site);
        site.Stand.Switches.Down = true;
        await gateway.SaysAsync("has no connection");
        double[] values = [2, 0.5, 3, 0.4, 4, 0.3];
        await feed.PublishAsync("end", values.Select((v, i) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"ts":"2026-01-01T00:00:{{i:00}}Z","v":{{v}}}""")));
        await Eventually.HoldsAsync(() => subscriber.Transitions().Count == values.Length, "the local broker has all of them");
        Assert.Empty(site.Stand.Telemetry);
        site.Stand.Switches.Down = false;
        await Eventually.HoldsAsync(() => site.Upstream().Count >= values.Length, () => $"all arrive, but the gateway said:\n{gateway.Output}");
        Assert.Equal(subscriber.Transitions(), site.Upstream());
        Assert.Equal(values.Length, site.Stand.Telemetry.Select(m => m.Id).Distinct().Count());
    }

    private static async Task<GatewayProcess> RunningAsync(HubSite site)
    {
        site.Patch(site.Desired);
        var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        await gateway.SaysAsync($"edge-1/{HubSite.Module} is connected");
        return gateway;
    }
}
