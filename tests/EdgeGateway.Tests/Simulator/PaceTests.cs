using Microsoft.Extensions.Time.Testing;
using SensorSimulator.Publishing;

namespace EdgeGateway.Tests.Simulator;

public sealed class PaceTests
{
    private readonly FakeTimeProvider clock = new(Any.Noon);

    [Fact]
    public void What_is_due_does_not_wait()
    {
        var pace = new Pace(clock);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(pace.UntilAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken).AsTask().IsCompletedSuccessfully);
        Assert.True(pace.UntilAsync(TimeSpan.Zero, TestContext.Current.CancellationToken).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task What_is_not_yet_due_waits_until_then_and_no_longer()
    {
        var waiting = new Pace(clock).UntilAsync(TimeSpan.FromMinutes(90), TestContext.Current.CancellationToken).AsTask();
        clock.Advance(TimeSpan.FromMinutes(90) - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await waiting;
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var waiting = new Pace(clock).UntilAsync(TimeSpan.FromHours(1), stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
