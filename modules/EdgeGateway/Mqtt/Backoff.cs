namespace EdgeGateway.Mqtt;

/// <summary>How a connection waits between attempts.</summary>
/// <param name="First">Doubled with each attempt.</param>
/// <param name="Longest">Where the doubling ends.</param>
/// <param name="Refused">Added when the other side refused us or drops us again and again: it has said that soon is too soon.</param>
/// <param name="Stable">A connection that lasted so long ends the row of attempts.</param>
internal sealed record Delays(TimeSpan First, TimeSpan Longest, TimeSpan Refused, TimeSpan Stable)
{
    /// <summary>Those of IoT Hub and edgeHub: a ceiling of minutes, because a fleet that comes back is throttled.</summary>
    public static readonly Delays OfHub = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1));
}

/// <summary>Full jitter: each wait is uniform between nothing and a doubling bound, so that a fleet does not come back at one moment.</summary>
internal sealed class Backoff(Delays delays, Random jitter)
{
    private int attempts;

    /// <summary>An attempt begins.</summary>
    public void Attempted() => attempts = Math.Min(attempts + 1, 30);

    /// <summary>A connection ended after this time.</summary>
    public void Lasted(TimeSpan time) => attempts = time > delays.Stable ? 0 : attempts;

    /// <summary>The time to wait before the next attempt.</summary>
    public TimeSpan Next(bool refused) =>
        (refused ? delays.Refused : TimeSpan.Zero) + (jitter.NextDouble() * TimeSpan.FromSeconds(Math.Min(delays.Longest.TotalSeconds, delays.First.TotalSeconds * Math.Pow(2, attempts))));
}
