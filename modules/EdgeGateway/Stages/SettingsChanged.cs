using EdgeGateway.Settings;

namespace EdgeGateway.Stages;

/// <summary>
/// Other settings are in force behind this mark: it passes all stages in the place it has between two messages, and each stage changes as it passes. So every window is judged
/// under one snapshot of the settings, and none is lost.
/// </summary>
/// <param name="InForce">Completes when the last stage has changed.</param>
internal sealed record SettingsChanged(GatewaySettings Settings, TaskCompletionSource InForce) : StageEvent
{
    /// <summary>Completes when the sources have subscribed to what these settings name, or have left that to the next connection: until then a broker may drop what comes for a new topic.</summary>
    public TaskCompletionSource Subscribed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
