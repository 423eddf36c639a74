using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tracing;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Windows;

/// <summary>One closed window of one sensor: the newest 60 samples, seen against the sensor's own past.</summary>
/// <param name="Start">Event time of the window's first sample.</param>
/// <param name="End">Event time of its last sample.</param>
/// <param name="Samples">Samples of this sensor so far, this window included.</param>
/// <param name="Fields">The raw fields in the order of <see cref="SensorFields.Names"/>; NaN = absent.</param>
/// <param name="GateScore">Mean of the five surprises of <see cref="Gate"/>; absent ones count as 0.</param>
/// <param name="Sparkline">The window in 20 characters.</param>
/// <param name="CompletesAsset">No other sensor of the asset has a window in the same message.</param>
/// <param name="FreshSamples">Samples since the sensor's clock was last set back; a whole window needs 60.</param>
internal sealed record WindowSummary(
    Sensor Sensor,
    DateTimeOffset Start,
    DateTimeOffset End,
    long Samples,
    ImmutableArray<double> Fields,
    double GateScore,
    WindowEvidence Evidence,
    string Sparkline,
    bool CompletesAsset,
    long FreshSamples) : StageEvent
{
    /// <summary>Samples in a window.</summary>
    public const int Length = 60;

    /// <summary>The samples since the window before, oldest first; at most 10.</summary>
    public ImmutableArray<SensorSample> HopSamples { get; init; } = [];

    /// <summary>The asset was out of service when it closed.</summary>
    public bool InMaintenance { get; init; }

    /// <summary>When it came to which stage; null while no traces are collected.</summary>
    public StageTimes? Times { get; set; }
}

/// <summary>No reading of a sensor for longer than its silence time, or the first reading after that.</summary>
/// <param name="At">Event time at which the silence began to count, or of the reading that ended it.</param>
/// <param name="LastSample">Event time of the last sample before.</param>
/// <param name="Limit">The silence time that was exceeded.</param>
internal sealed record SensorSilence(Sensor Sensor, bool Silent, DateTimeOffset At, DateTimeOffset LastSample, TimeSpan Limit) : StageEvent;

/// <summary>A value left its hard range, or came back into it, and stayed there for the delay.</summary>
/// <param name="At">Event time at which the delay was over; without one, that of the reading.</param>
/// <param name="Value">The last one that was outside; of a return the one that completed it.</param>
internal sealed record LimitCrossing(Sensor Sensor, bool Outside, DateTimeOffset At, double Value) : StageEvent
{
    /// <summary>Event time of the reading that crossed the limit.</summary>
    public DateTimeOffset Since { get; init; } = At;

    /// <summary>The delay that was waited for.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The range in force then: settings may change while this is under way.</summary>
    public ValueRange Range { get; init; } = Sensor.Range ?? default;
}
