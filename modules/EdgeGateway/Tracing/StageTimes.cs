namespace EdgeGateway.Tracing;

/// <summary>When a window came to which stage, our clock. Each stage writes its own before it hands the window on.</summary>
/// <param name="received">When the message arrived whose reading closed the window; null when time closed it.</param>
/// <param name="closed">When it was closed.</param>
internal sealed class StageTimes(DateTimeOffset? received, DateTimeOffset closed)
{
    public DateTimeOffset? Received { get; } = received;

    public DateTimeOffset Closed { get; } = closed;

    /// <summary>When the judging of it began.</summary>
    public DateTimeOffset Asked { get; set; }

    /// <summary>When it had its verdict.</summary>
    public DateTimeOffset Judged { get; set; }
}
