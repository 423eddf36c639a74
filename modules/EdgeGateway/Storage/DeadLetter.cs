namespace EdgeGateway.Storage;

/// <summary>A transition that a sink could never deliver.</summary>
/// <param name="Time">Event time of the transition.</param>
/// <param name="Reason">Why, one sentence.</param>
/// <param name="Body">The CloudEvents JSON.</param>
public sealed record DeadLetter(string Sink, string AlertId, int Sequence, string Subject, DateTimeOffset Time, string Reason, ReadOnlyMemory<byte> Body);
