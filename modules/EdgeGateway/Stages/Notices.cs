namespace EdgeGateway.Stages;

/// <summary>A second has passed: silence and sampling grids are looked at.</summary>
/// <param name="Now">Clock of this gateway.</param>
internal sealed record Tick(DateTimeOffset Now) : StageEvent
{
    /// <summary>Whether that is a possible time; a gateway without battery clock starts in 1970.</summary>
    public bool ClockIsSet { get; init; } = true;
}

/// <summary>Readings arrive from this moment on, or do not arrive any more. The time between is unobserved: never missing data and never silence.</summary>
/// <param name="Lossy">Readings of the time before were lost, so that nothing may be concluded from it.</param>
/// <param name="OfInputs">Whether this holds for the sensors of hub inputs; else for those of the broker.</param>
internal sealed record Observation(bool Observed, DateTimeOffset At, bool Lossy = false, bool OfInputs = false) : StageEvent;
