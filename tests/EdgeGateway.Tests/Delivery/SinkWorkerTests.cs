using System.Collections.Concurrent;
using System.Threading.Channels;
using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Operations;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Hub;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Delivery;

public sealed class SinkWorkerTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Accounting accounting = new();
    private readonly Channel<StageEvent> alerts = Channel.CreateBounded<StageEvent>(10);
    private readonly GatewayStore store;
    private readonly Outbox outbox;
    private readonly FullDisk disk = new(TimeProvider.System, NullLogger<FullDisk>.Instance);
    private readonly OutboxWorker before;
    private readonly FakeSink first = new("hub");
    private readonly FakeSink second = new("mqtt");

    public SinkWorkerTests()
    {
        store = GatewayStore.Open(folder.Path, TimeProvider.System);
        outbox = new Outbox(store, new DeliveryState(Any.Settings()), ["hub", "mqtt"], ["hub"], accounting);
        before = new OutboxWorker(outbox, new CheckpointSchedule(Path.Combine(folder.Path, "s"), 1_000_000, TimeProvider.System), null, null, disk, new StagePulses().Delivery, alerts.Reader, NullLogger<OutboxWorker>.Instance);
        outbox.Open();
    }

    public void Dispose()
    {
        before.Dispose();
        outbox.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Each_of_several_sinks_gets_what_is_committed_at_once_and_at_its_own_pace()
    {
        await using var running = await RunAsync();
        first.Refuse = _ => new TimeoutException("away");
        Commit(1);
        await Until.HoldsAsync(() => second.Sent.Count == 1, "the sink that is there has it");
        Commit(2);
        await Until.HoldsAsync(() => second.Sent.Count == 2, "and the next one");
        Assert.Empty(first.Sent);
        first.Refuse = _ => null;
        Commit(3);
        await Until.HoldsAsync(() => first.Sent.Count == 3, "the other one has all of them too");
        AssertAccounted("hub");
        AssertAccounted("mqtt");
    }

    [Fact]
    public async Task What_a_sink_can_never_deliver_is_put_aside_with_its_reason_and_the_next_follows()
    {
        first.Refuse = entry => entry.Sequence == 2 ? new DeadLetterException("it is too large") : null;
        await using var running = await RunAsync();
        Commit(1);
        Commit(2);
        Commit(3);
        await Until.HoldsAsync(() => first.Sent.Count == 2 && second.Sent.Count == 3, "everything has left");
        Assert.Equal([1, 3], first.Sent.Select(e => e.Sequence));
        await Until.HoldsAsync(() => store.Backlogs().All(b => b.Pending == 0), "nothing is pending");
        var dead = Assert.Single(store.DeadLetters());
        Assert.Equal(("hub", 2, "it is too large"), (dead.Sink, dead.Sequence, dead.Reason));
        Assert.NotEmpty(dead.Body.ToArray());
        Assert.Equal(1, store.Tallies["hub"].DeadEntries);
        AssertAccounted("hub");
        AssertAccounted("mqtt");
    }

    [Fact]
    public async Task A_sink_that_refused_is_tried_again_by_the_clock_it_was_given()
    {
        var clock = new FakeTimeProvider(Any.Noon);
        await using var running = await RunAsync(clock);
        var refused = 0;
        first.Refuse = _ => Interlocked.Increment(ref refused) <= 5 ? new TimeoutException("away") : null;
        Commit(1);
        await Until.HoldsAsync(() => first.Sent.Count == 1, () => "it is sent in the end", () => clock.Advance(TimeSpan.FromSeconds(1)));
        Assert.True(clock.GetUtcNow() - Any.Noon >= TimeSpan.FromSeconds(1 + 2 + 4 + 8 + 16));
    }

    [Fact]
    public void Only_the_newest_thousand_dead_letters_are_kept()
    {
        for (var i = 2; i <= 1004; i++)
        {
            Commit(i);
            store.MarkDead("hub", store.NextPending("hub", 1)[0], "no");
        }

        var kept = store.DeadLetters();
        Assert.Equal((1000, 5, 1004), (kept.Count, kept[0].Sequence, kept[^1].Sequence));
    }

    private void AssertAccounted(string sink)
    {
        var counters = GatewayCounters.Read(accounting, store);
        long Sum(params string[] names) => names.Sum(name => counters.GetValueOrDefault($"{name}.{sink}"));
        Assert.Equal(Sum("alerts.raised", "alerts.carried_over"), Sum("alerts.delivered", "alerts.dead", "alerts.expired", "alerts.evicted", "alerts.pending"));
        Assert.Equal(
            Sum("transitions.new", "transitions.carried_over"), Sum("transitions.delivered", "transitions.dead", "transitions.folded", "transitions.withheld", "transitions.pending"));
    }

    private void Commit(int sequence) => outbox.Commit([new Alert(
        "abcdefghij2345672345", sequence, sequence == 1 ? Transition.Raised : Transition.Updated, Any.Noon.AddMinutes(sequence), true, "p", Family.Anomaly, "drift", 412, 0.9, "model", "p", ["p"], "bar",
        Any.Noon, Any.Noon.AddMinutes(1), [], "▁", "p looks like drift.", [])]);

    private async Task<Running> RunAsync(TimeProvider? clock = null)
    {
        var workers = new[] { first, second }.Select(sink => new SinkWorker(sink, store, outbox, before, disk, accounting, clock ?? TimeProvider.System, NullLogger<SinkWorker>.Instance)).ToList();
        foreach (var worker in new BackgroundService[] { before }.Concat(workers))
        {
            await worker.StartAsync(TestContext.Current.CancellationToken);
        }

        return new Running(workers, alerts.Writer);
    }

    private sealed record Running(IReadOnlyList<SinkWorker> Workers, ChannelWriter<StageEvent> Alerts) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Alerts.Complete();
            foreach (var worker in Workers)
            {
                await worker.StopAsync(CancellationToken.None);
                worker.Dispose();
            }
        }
    }

    private sealed class FakeSink(string name) : IAlertSink
    {
        public string Name => name;

        public ConcurrentQueue<OutboxEntry> Sent { get; } = new();

        public Func<OutboxEntry, Exception?> Refuse { get; set; } = _ => null;

        public Task RunAsync(CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);

        public Task SendAsync(OutboxEntry entry, CancellationToken token)
        {
            if (Refuse(entry) is { } refused)
            {
                return Task.FromException(refused);
            }

            Sent.Enqueue(entry);
            return Task.CompletedTask;
        }
    }
}
