namespace EdgeGateway.Soak.Harness;

/// <summary>A clock that runs so many times as fast as the machine's: hours of waiting in minutes, with real connections and real disks in between.</summary>
internal sealed class FastClock(int factor) : TimeProvider
{
    private readonly DateTimeOffset began = System.GetUtcNow();
    private readonly long beganAt = System.GetTimestamp();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => began + (factor * System.GetElapsedTime(beganAt));

    /// <inheritdoc/>
    public override long GetTimestamp() => (System.GetTimestamp() - beganAt) * factor;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    private TimeSpan Real(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / factor;

    private sealed class Timer(ITimer real, FastClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => real.Change(clock.Real(dueTime), clock.Real(period));

        public void Dispose() => real.Dispose();

        public ValueTask DisposeAsync() => real.DisposeAsync();
    }
}
