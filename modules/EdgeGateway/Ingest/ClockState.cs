namespace EdgeGateway.Ingest;

/// <summary>
/// Whether this gateway's own clock can be believed. It counts as unset while it is earlier than the release of this version or than the newest event time
/// that was ever checkpointed (a gateway without battery clock starts in 1970): then event time rules and nothing is rejected as future.
/// </summary>
internal sealed class ClockState(TimeProvider clock, DateTimeOffset release)
{
    /// <summary>How far ahead of our clock an event time may be.</summary>
    public static readonly TimeSpan FutureTolerance = TimeSpan.FromMinutes(5);

    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Room to add to every time that is taken, also while nothing is rejected as future.</summary>
    private static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Drift = TimeSpan.FromSeconds(5);
    private DateTimeOffset floor = release;
    private DateTimeOffset lastLook = clock.GetUtcNow();
    private long lastStamp = clock.GetTimestamp();

    /// <summary>Now, UTC.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Whether the clock shows a possible time.</summary>
    public bool IsSet => Now >= floor;

    /// <summary>Earliest time that our clock can show.</summary>
    public DateTimeOffset Floor => floor;

    /// <summary>Raises the floor to an event time that is being checkpointed, if our clock can be believed and has reached it.</summary>
    public void Checkpointing(DateTimeOffset eventTime)
    {
        if (IsSet && eventTime > floor && eventTime <= Now)
        {
            floor = eventTime;
        }
    }

    /// <summary>By how much our clock was set (or we were asleep) since the last call; zero when it just ran on.</summary>
    public TimeSpan TakeStep()
    {
        var (now, stamp) = (Now, clock.GetTimestamp());
        var step = now - lastLook - clock.GetElapsedTime(lastStamp, stamp);
        (lastLook, lastStamp) = (now, stamp);
        return step.Duration() > Drift ? step : TimeSpan.Zero;
    }

    /// <summary>Takes over the floor of an earlier run.</summary>
    public void Restore(DateTimeOffset earlier) => floor = earlier > floor ? earlier : floor;

    /// <summary>Judges an event time against our clock; null = fine.</summary>
    public RejectReason? Judge(DateTimeOffset time, DateTimeOffset receivedAt)
    {
        if (receivedAt < floor)
        {
            return time < Latest ? null : RejectReason.Time;
        }

        return time < Earliest ? RejectReason.Time : time > receivedAt + FutureTolerance ? RejectReason.Future : null;
    }
}
