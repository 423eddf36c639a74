using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Ingest;

/// <summary><c>ack: durable</c>: committed after 1 s, or when half the receive maximum is unacknowledged, or after 20 ms idle; in receive order.</summary>
public sealed class DurableAcknowledgerTests : IAsyncLifetime
{
    private const int ReceiveMaximum = 200;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly HurryingClock clock = new();
    private readonly Acknowledged acknowledged;
    private readonly ReadingJournal journal;
    private readonly DurableAcknowledger durable;
    private readonly CancellationTokenSource stop = new();
    private readonly Sensor sensor = Any.Sensor();
    private long number;
    private Task running = Task.CompletedTask;

    public DurableAcknowledgerTests()
    {
        acknowledged = new Acknowledged(clock);
        journal = ReadingJournal.Open(folder.FullName, clock);
        durable = new DurableAcknowledger([acknowledged], journal, ReceiveMaximum, new FullDisk(clock, NullLogger<FullDisk>.Instance), clock);
    }

    public ValueTask InitializeAsync()
    {
        running = durable.RunAsync(stop.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Record.ExceptionAsync(() => running);
        durable.Dispose();
        journal.Dispose();
        stop.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_message_that_nothing_follows_is_acknowledged_after_20_ms()
    {
        Add();
        Assert.Equal(1, await acknowledged.Through);
        Assert.Equal(Any.Noon.AddMilliseconds(20), acknowledged.At);
        Assert.Single(journal.ReadAfter(0));
    }

    [Fact]
    public async Task Messages_without_a_break_are_acknowledged_when_the_first_is_a_second_old()
    {
        clock.Passing = Add;
        Add();
        Assert.Equal(51, await acknowledged.Through);
        Assert.Equal(Any.Noon.AddSeconds(1), acknowledged.At);
    }

    [Fact]
    public async Task Half_the_receive_maximum_is_acknowledged_at_once()
    {
        clock.Passing = () =>
        {
            while (number < ReceiveMaximum / 2)
            {
                Add();
            }

            clock.Passing = null;
        };
        Add();
        Assert.Equal(ReceiveMaximum / 2, await acknowledged.Through);
        Assert.Equal(Any.Noon.AddMilliseconds(20), acknowledged.At);
    }

    [Fact]
    public async Task A_batch_is_on_disk_before_it_grows_larger_than_the_journal_takes_at_once()
    {
        await stop.CancelAsync();
        await Record.ExceptionAsync(() => running);
        for (var message = 1; message <= 20; message++)
        {
            await durable.AddAsync(message, [.. Enumerable.Repeat(Reading(), 50_000)]);
        }

        Assert.InRange(journal.ReadAfter(0).Count(), 4, 6);
        Assert.All(journal.ReadAfter(0), batch => Assert.InRange(batch.Batch.Length, 0, 8 << 20));
    }

    [Fact]
    public async Task What_was_taken_before_a_stop_is_on_disk_and_acknowledged()
    {
        Add();
        Add();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(acknowledged.Through.IsCompletedSuccessfully);
        Assert.Equal(2, await acknowledged.Through);
        Assert.Single(journal.ReadAfter(0));
    }

    [Fact]
    public async Task Behind_a_batch_that_could_not_be_stored_nothing_is_acknowledged()
    {
        Add();
        journal.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => durable.CommitAsync(CancellationToken.None));
        Add();
        await Assert.ThrowsAsync<InvalidOperationException>(() => durable.CommitAsync(CancellationToken.None));
        Assert.False(acknowledged.Through.IsCompleted);
    }

    private void Add() => Assert.True(durable.AddAsync(++number, [Reading()]).IsCompletedSuccessfully);

    private SensorReading Reading() => new(sensor, Any.Noon.AddSeconds(number), 1, Any.Noon, ClockStep: false, LastOfMessage: true);

    private sealed class Acknowledged(TimeProvider clock) : ISensorSource
    {
        private readonly TaskCompletionSource<long> through = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<long> Through => through.Task;

        public DateTimeOffset At { get; private set; }

        public Task RunAsync(Func<SensorMessage, ValueTask> take, Action<SourceConnection> connectionChanged, CancellationToken token) => Task.CompletedTask;

        public Task UseAsync(GatewaySettings settings, CancellationToken token) => Task.CompletedTask;

        public ValueTask AcknowledgeAsync(long throughNumber, CancellationToken token)
        {
            At = clock.GetUtcNow();
            through.TrySetResult(throughNumber);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A clock that is at the end of every wait as soon as the wait begins; something may happen meanwhile.</summary>
    private sealed class HurryingClock() : FakeTimeProvider(Any.Noon)
    {
        public Action? Passing { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Advance(dueTime);
            Passing?.Invoke();
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
