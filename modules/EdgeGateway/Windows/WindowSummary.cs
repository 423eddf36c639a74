using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Stages;
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

    /// <summary>The asset was out of service when it closed.</summary>
    public bool InMaintenance { get; init; }
}

/// <summary>No reading of a sensor for longer than its silence time, or the first reading after that.</summary>
/// <param name="At">Event time at which the silence began to count, or of the reading that ended it.</param>
/// <param name="LastSample">Event time of the last sample before.</param>
/// <param name="Limit">The silence time that was exceeded.</param>
internal sealed record SensorSilence(Sensor Sensor, bool Silent, DateTimeOffset At, DateTimeOffset LastSample, TimeSpan Limit) : StageEvent;

/// <summary>A value left its hard range, or came back into it.</summary>
internal sealed record LimitCrossing(Sensor Sensor, bool Outside, DateTimeOffset At, double Value) : StageEvent;
