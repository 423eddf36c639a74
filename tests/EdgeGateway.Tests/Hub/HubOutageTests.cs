using System.Threading.Channels;
using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Hub;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests.Hub;

/// <summary>The outbox, our client and the stand-in on one clock.</summary>
public sealed class HubOutageTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Channel<StageEvent> alerts = Channel.CreateBounded<StageEvent>(10);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task After_an_hour_without_the_hub_everything_arrives_in_order_per_subject_and_once_under_each_id()
    {
        await using var bench = await HubBench.StartAsync();
        await SendingAsync(bench, async (outbox, store) =>
        {
            outbox.Commit([Transition(0, 1)]);
            await bench.PassUntilAsync(() => bench.Stand.Telemetry.Count == 1, "the way is open");
            bench.Stand.Switches.Down = true;
            for (var minute = 1; minute <= 60; minute++)
            {
                outbox.Commit([Transition(minute % 5, 1 + ((minute + 4) / 5)), Transition(9, minute)]);
                await bench.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
            }

            Assert.Single(bench.Stand.Telemetry);
            bench.Stand.Switches.Down = false;
            await bench.PassUntilAsync(() => bench.Stand.Telemetry.Count >= 121, "everything arrives");
            await bench.PassUntilAsync(() => store.Backlogs().All(b => b.Pending == 0), "and is acknowledged");
        });
        var ids = bench.Stand.Telemetry.Select(m => m.Id!).ToList();
        Assert.Equal(121, ids.Distinct().Count());
        foreach (var subject in ids.Distinct().GroupBy(id => id.Split('.')[0]))
        {
            var sequences = subject.Select(id => int.Parse(id.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(Enumerable.Range(sequences[0], sequences.Count), sequences);
        }
    }

    [Fact]
    public async Task An_alert_that_was_cut_off_before_its_PUBACK_is_sent_again_under_the_same_id_and_before_the_next()
    {
        await using var bench = await HubBench.StartAsync();
        await SendingAsync(bench, async (outbox, store) =>
        {
            bench.Stand.Switches.LosePubAcks = 1;
            outbox.Commit([Transition(0, 1), Transition(0, 2)]);
            await bench.PassUntilAsync(() => bench.Stand.Telemetry.Count == 1, "the first arrives", TimeSpan.FromMilliseconds(100));
            bench.Stand.DisconnectAll();
            await bench.PassUntilAsync(() => store.Backlogs().All(b => b.Pending == 0), "both are acknowledged");
        });
        var ids = bench.Stand.Telemetry.Select(m => m.Id!).ToList();
        Assert.Equal([ids[0], ids[0]], ids[..2]);
        Assert.Equal((3, 2), (ids.Count, ids.Distinct().Count()));
    }

    /// <summary>Does something while the outbox is sent to the stand-in.</summary>
    private async Task SendingAsync(HubBench bench, Func<Outbox, GatewayStore, Task> during)
    {
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        using var store = GatewayStore.Open(folder.Path, bench.Clock);
        var state = new DeliveryState(Any.Settings());
        using var outbox = new Outbox(store, state, ["hub"], ["hub"], bench.Accounting);
        outbox.Open();
        var disk = new FullDisk(bench.Clock, NullLogger<FullDisk>.Instance);
        using var before = new OutboxWorker(outbox, new CheckpointSchedule(Path.Combine(folder.Path, "s"), 1_000_000, bench.Clock), null, null, disk, new StagePulses().Delivery, alerts.Reader, NullLogger<OutboxWorker>.Instance);
        using var worker = new SinkWorker(new HubAlertSink(owner.Client, new HubBudget(store, state, bench.Clock), bench.Clock), store, outbox, before, disk, bench.Accounting, bench.Clock, NullLogger<SinkWorker>.Instance);
        await worker.StartAsync(TestContext.Current.CancellationToken);
        await during(outbox, store);
        alerts.Writer.Complete();
        await before.StartAsync(TestContext.Current.CancellationToken);
        await worker.StopAsync(CancellationToken.None);
    }

    private static Alert Transition(int subject, int sequence) => new(
        $"abcdefghij234567234{subject}", sequence, sequence == 1 ? EdgeGateway.Alerts.Transition.Raised : EdgeGateway.Alerts.Transition.Updated, Any.Noon.AddMinutes(sequence), true, $"p{subject}", Family.Anomaly,
        "drift", 412, 0.9, "model", $"p{subject}", [$"p{subject}"], "bar", Any.Noon, Any.Noon.AddMinutes(1), [], "▁", "p looks like drift.", []);
}
