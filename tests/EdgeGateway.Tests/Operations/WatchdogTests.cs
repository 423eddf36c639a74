using EdgeGateway.Operations;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Verdicts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Operations;

public sealed class WatchdogTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly GatewayState state = new();
    private readonly StagePulses pulses = new();
    private readonly FullDisk disk;
    private readonly GatewayStore store;
    private readonly Watchdog watchdog;

    public WatchdogTests()
    {
        (disk, store) = (new FullDisk(clock, NullLogger<FullDisk>.Instance), GatewayStore.Open(folder.Path, clock));
        state.Running = Any.Running(store, clock) with { Pulses = pulses, Disk = disk };
        watchdog = new Watchdog(state, clock);
    }

    public void Dispose()
    {
        watchdog.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_stage_that_does_not_get_on_is_named_and_those_that_wait_for_it_are_not()
    {
        pulses.Windows.Begin();
        pulses.Verdicts.Begin();
        AssertQuietFor(TimeSpan.FromMinutes(4.9));
        Assert.StartsWith("The stage Verdicts has not got on for 5 minutes", After(TimeSpan.FromMinutes(1)), StringComparison.Ordinal);
        pulses.Verdicts.End();
        Assert.Equal("", After(TimeSpan.FromSeconds(10)));
        Assert.Equal("", watchdog.Complaint);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_hangs_is_told_to_who_ends_the_process_once_and_from_a_thread_of_its_own()
    {
        pulses.Verdicts.Begin();
        AssertQuietFor(TimeSpan.FromMinutes(4.9));
        clock.Advance(TimeSpan.FromSeconds(45));
        var bitten = new TaskCompletionSource<(string Complaint, string? Thread)>(TaskCreationOptions.RunContinuationsAsynchronously);
        watchdog.Start(complaint => bitten.SetResult((complaint, Thread.CurrentThread.Name)));
        var (complaint, thread) = await bitten.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("The stage Verdicts has not got on for 5 minutes", complaint, StringComparison.Ordinal);
        Assert.Equal("watchdog", thread);
    }

    [Fact]
    public void A_stage_that_works_off_a_backlog_is_left_alone()
    {
        for (var minute = 0; minute < 60; minute++)
        {
            pulses.Verdicts.Begin();
            Assert.Equal("", After(TimeSpan.FromMinutes(1)));
        }
    }

    [Fact]
    public void A_gateway_with_nothing_to_do_or_between_two_runs_is_left_alone()
    {
        AssertQuietFor(TimeSpan.FromHours(2));
        pulses.Alerts.Begin();
        state.Running = null;
        AssertQuietFor(TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task A_full_disk_is_waited_out()
    {
        using var stop = new CancellationTokenSource();
        pulses.Delivery.Begin();
        var waiting = disk.WaitOutAsync(() => throw new StorageException(StorageFault.Full, "x", "full"), stop.Token);
        AssertQuietFor(TimeSpan.FromHours(2));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        AssertQuietFor(TimeSpan.FromMinutes(4.9));
        Assert.StartsWith("The stage Delivery", After(TimeSpan.FromMinutes(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_was_paused_as_a_whole_is_left_alone()
    {
        pulses.Verdicts.Begin();
        Assert.Equal("", After(TimeSpan.FromSeconds(30)));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("", watchdog.Look());
        AssertQuietFor(TimeSpan.FromMinutes(4.9));
        Assert.StartsWith("The stage Verdicts", After(TimeSpan.FromMinutes(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_without_a_free_thread_hangs()
    {
        for (var look = 0; look < 9; look++)
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal("", watchdog.Look());
        }

        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.StartsWith("No thread of the pool has had a turn for 5 minutes", watchdog.Look(), StringComparison.Ordinal);
    }

    private void AssertQuietFor(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(30))
        {
            Assert.Equal("", After(TimeSpan.FromSeconds(30) < time - passed ? TimeSpan.FromSeconds(30) : time - passed));
        }
    }

    private string After(TimeSpan time)
    {
        clock.Advance(time);
        watchdog.Turn();
        return watchdog.Look();
    }
}
