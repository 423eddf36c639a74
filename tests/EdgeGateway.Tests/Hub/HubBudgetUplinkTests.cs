using System.Threading.Channels;
using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Hubstand.Hub;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests.Hub;

/// <summary>An edgeHub whose uplink is down takes and stores whatever comes.</summary>
public sealed class HubBudgetUplinkTests : IDisposable
{
    private const int Budget = 70_000;
    private const int Days = 7;
    private readonly TempFolder folder = new();
    private readonly Channel<StageEvent> alerts = Channel.CreateBounded<StageEvent>(10);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_an_edgeHub_without_its_uplink_stores_in_a_day_is_bounded_and_limits_go_all_the_same()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.Offline = true;
        using var store = GatewayStore.Open(folder.Path, bench.Clock);
        var state = new DeliveryState(Any.Settings() with { Alerts = new AlertSettings(TimeSpan.Zero, 0) { HubBytesPerDay = Budget } });
        using var outbox = new Outbox(store, state, ["hub"], ["hub"], bench.Accounting);
        outbox.Open();
        var disk = new FullDisk(bench.Clock, NullLogger<FullDisk>.Instance);
        using var before = new OutboxWorker(outbox, new CheckpointSchedule(Path.Combine(folder.Path, "s"), 1_000_000, bench.Clock), null, null, disk, new StagePulses().Delivery, alerts.Reader, NullLogger<OutboxWorker>.Instance);
        using var worker = new SinkWorker(
            new HubAlertSink(owner.Client, new HubBudget(store, state, bench.Clock), bench.Clock), store, outbox, before, disk, bench.Accounting, bench.Clock, NullLogger<SinkWorker>.Instance);
        await worker.StartAsync(TestContext.Current.CancellationToken);

        var limits = 0;
        for (var day = 0; day < Days; day++)
        {
            outbox.Commit([.. Enumerable.Range(200 * day, 200).Select(n => Raised($"asset{n}", Family.Anomaly, n))]);
            await bench.PassUntilAsync(() => bench.Accounting.Of("transitions.over_budget", reason: "hub").Value > 0, "the budget of the day is used up");
            outbox.Commit([.. Enumerable.Range(0, 10).Select(n => Raised($"sensor{limits++}", Family.Limit, 1000 + limits))]);
            await bench.PassUntilAsync(() => store.NextPending("hub", 1000).All(e => !e.Urgent), "limits are taken none the less");
            await bench.PassAsync(TimeSpan.FromDays(1), TimeSpan.FromHours(6));
        }

        Assert.Empty(bench.Stand.Telemetry);
        bench.Stand.Switches.Offline = false;
        var stored = bench.Stand.Telemetry.Where(m => m.Properties["family"] != Family.Limit).GroupBy(m => m.ReceivedAt.Date).ToList();
        Assert.InRange(stored.Count, Days, Days + 2);

        // what is under way at midnight counts for the day on which it was sent
        Assert.All(stored, day => Assert.InRange(day.Sum(Bytes), 1, Budget + bench.Stand.Telemetry.Max(Bytes)));
        Assert.Equal(10 * Days, bench.Stand.Telemetry.Count(m => m.Properties["family"] == Family.Limit));
        Assert.Equal(0, store.Backlogs()[0].Evicted);
        alerts.Writer.Complete();
        await before.StartAsync(TestContext.Current.CancellationToken);
        await worker.StopAsync(CancellationToken.None);
    }

    private static int Bytes(TelemetryMessage message) => message.Body.Length + message.Properties.Sum(p => p.Key.Length + p.Value!.Length);

    private static Alert Raised(string subject, string family, int number) => new(
        AlertIds.Of("north-3", subject, family, Any.Noon.AddSeconds(number)), 1, Transition.Raised, Any.Noon.AddSeconds(number), true, subject, family,
        "drift", 412, 0.9, "model", subject, [subject], "bar", Any.Noon, Any.Noon.AddMinutes(1), [], "▁", "p looks like drift.", []);
}
