using EdgeGateway.Stages;

namespace EdgeGateway.Ingest;

/// <summary>
/// Turns changes of the connection into what the later stages must know: time in which nothing could be observed, and one notice of our own when readings were lost or the
/// broker stays away. An outage in which the broker kept our session loses nothing of QoS 1: its backlog is ordinary data.
/// </summary>
/// <param name="lastObserved">Until when an earlier run of this gateway observed; null at the first start.</param>
/// <param name="hasQos0">Whether some source is subscribed at QoS 0, so that every outage loses readings.</param>
internal sealed class OutageWatch(string broker, DateTimeOffset? lastObserved, bool hasQos0, Accounting accounting)
{
    /// <summary>A broker that is away for longer is reported while it is away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const string Kind = "broker";
    private DateTimeOffset? lostAt = lastObserved;
    private string reason = "this gateway was not running";
    private bool reported;
    private bool connected;

    /// <summary>The notices of one change.</summary>
    public IEnumerable<StageEvent> Changed(SourceConnection change)
    {
        if (!change.Connected)
        {
            if (connected)
            {
                (connected, lostAt, reason) = (false, change.At, change.Reason);
                yield return new Observation(false, change.At);
            }

            yield break;
        }

        var lossy = lostAt is not null && (!change.SessionPresent || hasQos0);
        if (lossy)
        {
            accounting.Of("sessions.lost").Add();
        }

        if (lossy && !reported)
        {
            yield return new OwnCondition(Kind, true, lostAt!.Value, $"Readings from {broker} between {lostAt:u} and {change.At:u} were not observed: {reason}.");
        }

        if (lossy || reported)
        {
            yield return new OwnCondition(Kind, false, change.At, "");
        }

        (connected, reported, lostAt) = (true, false, null);
        yield return new Observation(true, change.At);
    }

    /// <summary>The notice of a broker that stays away; null when there is none to give.</summary>
    public StageEvent? Tick(DateTimeOffset now)
    {
        lostAt ??= connected ? null : now;
        if (connected || reported || now - lostAt < Patience)
        {
            return null;
        }

        reported = true;
        return new OwnCondition(Kind, true, lostAt!.Value, $"The broker {broker} has been away since {lostAt:u}: {reason}.");
    }
}
