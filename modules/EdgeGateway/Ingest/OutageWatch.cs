using EdgeGateway.Stages;

namespace EdgeGateway.Ingest;

/// <summary>
/// Turns changes of the connection into what the later stages must know: time in which nothing could be observed, and one notice of our own when readings were lost or the
/// broker stays away. An outage in which the broker kept our session loses nothing of QoS 1: its backlog is ordinary data.
/// </summary>
/// <param name="broker">Its host and port; null where readings come by hub inputs alone.</param>
/// <param name="hasQos0">Whether some source is subscribed at QoS 0, so that every outage loses readings.</param>
internal sealed class OutageWatch(string? broker, bool hasQos0, Accounting accounting)
{
    /// <summary>A broker that is away for longer is reported while it is away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const string Kind = "broker";

    /// <summary>Whether every outage loses readings.</summary>
    public bool HasQos0 { get; set; } = hasQos0;

    private DateTimeOffset? lostAt;
    private string reason = "this gateway was not running";
    private bool stateLost;
    private bool reported;
    private bool connected;
    private bool inputsConnected;
    private bool inputsForgotten;

    /// <summary>Goes on after an earlier run of this gateway.</summary>
    /// <param name="observedUntil">The newest moment that is known to have been observed.</param>
    /// <param name="forgotten">It ended without writing its state, and no journal makes up for it: what it had read since is as good as not observed.</param>
    public void ContinueFrom(DateTimeOffset observedUntil, bool forgotten) => (lostAt, stateLost, inputsForgotten) = (observedUntil, forgotten, forgotten);

    /// <summary>The notices of one change.</summary>
    public IEnumerable<StageEvent> Changed(SourceConnection change)
    {
        if (change.OfInputs)
        {
            yield return InputsChanged(change);
            yield break;
        }

        if (!change.Connected)
        {
            if (connected)
            {
                (connected, lostAt, reason) = (false, change.At, change.Reason);
                yield return new Observation(false, change.At);
            }

            yield break;
        }

        if (lostAt is not null && !change.SessionPresent)
        {
            accounting.Of("sessions.lost").Add();
        }

        var lossy = lostAt is not null && (!change.SessionPresent || HasQos0 || stateLost);
        if (lossy && !reported)
        {
            yield return new OwnCondition(Kind, true, lostAt!.Value, $"Readings from {broker} between {lostAt:u} and {change.At:u} were not observed: {reason}.");
        }

        if (lossy || reported)
        {
            yield return new OwnCondition(Kind, false, change.At, "");
        }

        (connected, reported, stateLost, lostAt) = (true, false, false, null);
        yield return new Observation(true, change.At, lossy);
    }

    /// <summary>Our clock was set: silence counts anew from here, for what is connected.</summary>
    public IEnumerable<StageEvent> ClockSet(DateTimeOffset now)
    {
        if (connected)
        {
            yield return new Observation(true, now);
        }

        if (inputsConnected)
        {
            yield return new Observation(true, now, OfInputs: true);
        }
    }

    /// <summary>The notice of a broker that stays away; null when there is none to give.</summary>
    public StageEvent? Tick(DateTimeOffset now)
    {
        if (broker is null)
        {
            // what an earlier run with a broker left open
            (var first, reported) = (!reported, true);
            return first ? new OwnCondition(Kind, false, now, "") : null;
        }

        lostAt ??= connected ? null : now;
        if (connected || reported || now - lostAt < Patience)
        {
            return null;
        }

        reported = true;
        return new OwnCondition(Kind, true, lostAt!.Value, $"The broker {broker} has been away since {lostAt:u}: {reason}.");
    }

    /// <summary>edgeHub keeps what it has for our inputs while we are away, so that nothing is lost but what we forgot ourselves.</summary>
    private Observation InputsChanged(SourceConnection change)
    {
        inputsConnected = change.Connected;
        var lossy = change.Connected && inputsForgotten;
        inputsForgotten &= !change.Connected;
        return new Observation(change.Connected, change.At, lossy, OfInputs: true);
    }
}
