using System.Text.Json;
using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Alerts;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Delivery;

public sealed class ObserveTests : IDisposable
{
    private static readonly GatewaySettings Full = Any.Settings();
    private static readonly GatewaySettings Observe = Full with { Alerts = Full.Alerts with { Mode = AlertMode.Observe } };
    private readonly TempFolder folder = new();
    private readonly AlarmBench bench = new();
    private readonly Sensor pressure = AlarmBench.Sensor("p1/pressure", "p1");
    private readonly Sensor flow = AlarmBench.Sensor("p2/flow", "p2");
    private GatewayStore store;
    private Outbox outbox = null!;

    public ObserveTests()
    {
        store = GatewayStore.Open(folder.Path, new FakeTimeProvider(Some.Noon));
        Open(Full);
    }

    public void Dispose()
    {
        outbox.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void While_a_site_is_observed_the_local_broker_alone_is_told()
    {
        outbox.Use(Observe);
        Limit(pressure);
        Limit(pressure, outside: false);
        Assert.Equal(["p1/pressure raised", "p1/pressure cleared"], Told("mqtt"));
        Assert.Empty(Told("hub"));
        Assert.Equal((1L, 0L, 2L), (store.Tallies["hub"].Observed, store.Tallies["hub"].Raised, store.Tallies["hub"].Withheld));
    }

    [Fact]
    public void An_alert_that_the_hub_was_told_of_ends_there_also_while_the_site_is_observed()
    {
        Limit(pressure);
        outbox.Use(Observe);
        Limit(pressure, outside: false);
        Assert.Equal(["p1/pressure raised", "p1/pressure cleared"], Told("hub"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Afterwards_the_hub_is_told_of_what_is_still_open_as_it_is_then_and_of_nothing_else(bool restarted)
    {
        outbox.Use(Observe);
        Limit(pressure);
        Limit(flow);
        bench.Command(AlertAction.Acknowledge, bench.Transitions[1].AlertId);
        outbox.Commit(bench.Transitions);
        Limit(pressure, outside: false);
        if (restarted)
        {
            outbox.Dispose();
            store.Dispose();
            store = GatewayStore.Open(folder.Path, new FakeTimeProvider(Some.Noon));
            Open(Full);
        }

        outbox.Use(Full);
        outbox.Use(Full);
        var told = Assert.Single(store.NextPending("hub", 10));
        Assert.Equal(("p2/flow", "acknowledged", 2, 1), (told.Subject, told.Transition, told.Sequence, told.First));
        using var body = JsonDocument.Parse(FoldedBody.Of(told).Body);
        Assert.Equal(1, body.RootElement.GetProperty("data").GetProperty("foldedFrom").GetInt32());
        Limit(flow, outside: false);
        Limit(pressure);
        Assert.Equal(["p2/flow acknowledged", "p2/flow cleared", "p1/pressure raised"], Told("hub"));
        var hub = store.Backlogs().Single(b => b.Sink == "hub");
        Assert.Equal(hub.Tally.CarriedEntries + hub.Tally.NewEntries, hub.Pending + hub.Tally.Withheld);
        Assert.Equal((2L, 2), (hub.Tally.Raised, hub.Alerts));
    }

    private void Open(GatewaySettings settings)
    {
        outbox = new Outbox(store, new DeliveryState(settings), ["hub", "mqtt"], ["hub"], new Accounting());
        outbox.Open();
    }

    private void Limit(Sensor sensor, bool outside = true)
    {
        bench.Limit(sensor, outside);
        outbox.Commit(bench.Transitions);
    }

    private string[] Told(string sink) => [.. store.NextPending(sink, 100).OrderBy(e => e.Entry).Select(e => $"{e.Subject} {e.Transition}")];
}
