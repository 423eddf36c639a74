namespace EdgeGateway.Storage;

/// <summary>One transition of one alert as it waits for a sink.</summary>
/// <param name="Entry">Position in the outbox, rising.</param>
/// <param name="AlertId">20 characters of lower-case base32.</param>
/// <param name="Sequence">Counts the transitions of the alert from 1.</param>
/// <param name="Subject">Entries of one subject leave in order.</param>
/// <param name="Severity">1-1000: between subjects the higher leaves first.</param>
/// <param name="Transition">raised, updated, cleared ...</param>
/// <param name="Time">Event time of the transition.</param>
/// <param name="Body">The CloudEvents JSON, at most 4,096 bytes.</param>
public sealed record OutboxEntry(long Entry, string AlertId, int Sequence, string Subject, int Severity, string Transition, DateTimeOffset Time, ReadOnlyMemory<byte> Body)
{
    /// <summary>Lowest sequence that it stands for; its own where nothing was folded.</summary>
    public int First { get; init; } = Sequence;

    /// <summary>The alert as it is after this transition; <see cref="Body"/> says besides from which transition on it stands.</summary>
    public ReadOnlyMemory<byte> State { get; init; } = Body;

    /// <summary>Whether no budget holds it back: itself, or a later one of its subject, is urgent.</summary>
    public bool Urgent { get; init; }
}

/// <summary>State of one alert after a transition; committed together with its outbox entry.</summary>
/// <param name="Family">anomaly, silent, limit or own.</param>
/// <param name="Open">Whether the condition still holds: at most one open alert per (subject, family).</param>
/// <param name="State">What the Alerts stage needs to go on after a restart; opaque here.</param>
public sealed record AlertState(string AlertId, string Subject, string Family, int Sequence, bool Open, DateTimeOffset Time, ReadOnlyMemory<byte> State);
