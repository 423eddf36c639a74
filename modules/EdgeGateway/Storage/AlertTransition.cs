namespace EdgeGateway.Storage;

/// <summary>A step in the life of one alert: its new state and the message that tells the sinks. Both are stored or neither.</summary>
/// <param name="Severity">1-1000.</param>
/// <param name="Transition">raised, updated, cleared ...</param>
/// <param name="Body">The CloudEvents JSON, at most 4,096 bytes.</param>
public sealed record AlertTransition(AlertState State, int Severity, string Transition, ReadOnlyMemory<byte> Body)
{
    /// <summary>Whether no budget of a sink holds it back.</summary>
    public bool Urgent { get; init; }

    /// <summary>Who caused it; "" when it was no person.</summary>
    public string By { get; init; } = "";

    /// <summary>Why the alert was raised, UTF-8 JSON; empty for later steps, and where no window was judged.</summary>
    public ReadOnlyMemory<byte> Explanation { get; init; }
}
