namespace SensorSimulator.Publishing;

/// <summary>Waits for points in time, counted from when it was made.</summary>
public sealed class Pace(TimeProvider clock)
{
    private readonly long began = clock.GetTimestamp();

    /// <summary>Time since it was made.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(began);

    /// <summary>Returns at this time, at once when it is over; timers count whole milliseconds.</summary>
    public async ValueTask UntilAsync(TimeSpan time, CancellationToken token)
    {
        while (time - Elapsed is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(left.TotalMilliseconds, 3_600_000))), clock, token);
        }
    }
}
