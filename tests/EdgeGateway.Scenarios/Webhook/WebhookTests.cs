using System.Globalization;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Tests.Webhook;

namespace EdgeGateway.Scenarios.Webhook;

/// <summary>Alerts of a whole gateway on their way to an HTTP server.</summary>
public class WebhookTests
{
    [Fact]
    public async Task An_alert_arrives_and_what_is_raised_while_the_server_is_away_arrives_in_order_afterwards_under_the_ids_of_the_broker()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        var receiver = await Receiver.StartedAsync();
        var port = receiver.Url.Port;
        using var site = new Site(broker.Port, settings => settings["webhook"] = new JsonObject { ["url"] = receiver.Url.ToString() });
        using var subscriber = await site.SubscribeAsync();
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await site.PublishAsync("end", [Reading(0, 2)]);
        await Eventually.HoldsAsync(() => receiver.Taken.Count == 1, () => $"the alert arrives, but the gateway said:\n{gateway.Output}");
        var before = receiver.Taken.ToList();

        await receiver.DisposeAsync();
        double[] values = [0.5, 3, 0.4, 4, 0.3];
        await site.PublishAsync("end", values.Select((v, i) => Reading(i + 1, v)));
        await gateway.SaysAsync("was not delivered to webhook and stays in the outbox");
        await Eventually.HoldsAsync(() => subscriber.Transitions().Count == 6, "the broker has all of them meanwhile");

        await using var back = await Receiver.StartedAsync(port: port);
        await Eventually.HoldsAsync(() => back.Taken.Count == 5, () => $"the others arrive, but the gateway said:\n{gateway.Output}");
        Assert.Equal(subscriber.Transitions().Select(t => $"{t.AlertId}.{t.Sequence}"), [.. before, .. back.Taken]);
        Assert.Equal(0, await gateway.StopAsync());
        Assert.DoesNotContain("secret", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_pending_for_the_webhook_when_the_gateway_is_killed_arrives_after_the_next_start()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var receiver = await Receiver.StartedAsync();
        receiver.Answer = Receiver.With(503);
        using var site = new Site(broker.Port, settings => settings["webhook"] = new JsonObject { ["url"] = receiver.Url.ToString() });
        using (var gateway = site.Run())
        {
            await gateway.SaysAsync(Site.Connected);
            await site.PublishAsync("end", [Reading(0, 2), Reading(1, 0.5)]);
            await gateway.SaysAsync("answered 503");
            await Eventually.HoldsAsync(() => !receiver.Requests.IsEmpty, "the server saw the first attempt");
            gateway.Kill();
        }

        receiver.Answer = Receiver.With(204);
        using var again = site.Run();
        await Eventually.HoldsAsync(() => receiver.Taken.Any(id => id.EndsWith(".1", StringComparison.Ordinal)), () => $"the alert arrives, but the gateway said:\n{again.Output}");
        Assert.Equal(receiver.Requests.First().Id, receiver.Taken[0]);
        Assert.Equal(0, await again.StopAsync());
    }

    private static string Reading(int second, double value) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"ts":"2026-01-01T00:00:{{second:00}}Z","v":{{value}}}""");
}
