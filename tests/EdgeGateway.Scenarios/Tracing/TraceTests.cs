using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using EdgeGateway.Tests.Webhook;

namespace EdgeGateway.Scenarios.Tracing;

/// <summary>Traces of a whole gateway on their way to a collector.</summary>
public class TraceTests
{
    private static readonly IReadOnlyList<(string Topic, string Payload)> Feed = Site.PlantMessages(seed: 1, seconds: 1800);

    [Fact]
    public async Task The_way_from_a_message_to_its_alert_is_one_trace()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var receiver = await Receiver.StartedAsync();
        using var site = new Site(broker.Port, settings => Traces(settings, receiver.Url));
        using var subscriber = await site.SubscribeAsync();
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await site.PublishAsync(Feed);
        await Eventually.HoldsAsync(() => Collector.SpansOf(receiver).Any(s => s.Name == "alert"), () => $"a trace of an alert arrives; the gateway said:\n{gateway.Output}");
        await site.EndAsync(gateway, subscriber);

        var spans = Collector.SpansOf(receiver);
        var raised = subscriber.Transitions().First(t => t is { Family: "anomaly", Transition: "raised" });
        var alert = Assert.Single(spans, s => s.Name == "alert" && s.Attributes["edgegateway.alert.id"] == raised.AlertId && s.Attributes["edgegateway.alert.sequence"] == "1");
        var trace = spans.Where(s => s.Trace == alert.Trace).ToList();
        var message = Assert.Single(trace, s => s.Parent == "");
        var (window, verdict) = (Assert.Single(trace, s => s.Name == "window"), Assert.Single(trace, s => s.Name == "verdict"));
        Assert.Equal("message", message.Name);
        Assert.StartsWith(raised.Subject, message.Attributes["edgegateway.sensor"], StringComparison.Ordinal);
        Assert.Equal("model", verdict.Attributes["edgegateway.judge"]);
        Assert.All(trace.Where(s => s != message), s => Assert.Equal(message.Id, s.Parent));
        long[] times = [message.Begun, window.Begun, window.Ended, verdict.Begun, verdict.Ended, alert.Begun, alert.Ended, message.Ended];
        Assert.Equal(times.Order(), times);
        Assert.Equal(("edgegateway", Site.Gateway), (alert.Resource["service.name"], alert.Resource["service.instance.id"]));
        Assert.InRange(subscriber.Counter("spans.sent"), 1, spans.Count);
    }

    [Fact]
    public async Task A_collector_that_is_away_holds_up_nothing_and_what_it_did_not_take_is_counted()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        var first = await Receiver.StartedAsync();
        var url = first.Url;
        await first.DisposeAsync();
        using var site = new Site(broker.Port, settings => Traces(settings, url));
        using var subscriber = await site.SubscribeAsync();
        using var gateway = site.Run();
        await gateway.SaysAsync(Site.Connected);
        await site.PublishAsync(Feed);
        await gateway.SaysAsync($"The collector http://localhost:{url.Port} takes no traces");
        await site.EndAsync(gateway, subscriber);
        Assert.Contains(subscriber.Transitions(), t => t.Family == "anomaly");
        Assert.True(subscriber.Counter("spans.lost") > 0);
    }

    [Fact]
    public async Task Headers_of_the_environment_that_cannot_be_used_cost_the_traces_and_nothing_else()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        using var site = new Site(broker.Port, settings => Traces(settings, new Uri("http://127.0.0.1:4318")));
        using var gateway = GatewayProcess.Start(Path.GetTempPath(), new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_HEADERS"] = "nonsense" }, "run", "--config", site.Configuration, "--data", site.Data);
        await gateway.SaysAsync("There are no traces: variables of the environment that begin with OTEL_ cannot be used");
        await gateway.SaysAsync(Site.Connected);
        Assert.Equal(0, await gateway.StopAsync());
    }

    private static void Traces(JsonObject settings, Uri collector) => settings["operations"] = new JsonObject { ["traces"] = collector.GetLeftPart(UriPartial.Authority) };
}
