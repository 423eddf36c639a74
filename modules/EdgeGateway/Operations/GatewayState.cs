using System.Collections.Immutable;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Twin;

namespace EdgeGateway.Operations;

/// <summary>What the gateway as a whole is doing now; written by who runs it, read by commands.</summary>
internal sealed class GatewayState
{
    /// <summary>What is said while <see cref="Running"/> is null.</summary>
    public const string NotRunning = "There are no settings to run on yet, or the stages are just being started anew.";

    private volatile RunningGateway? running;
    private volatile SettingsReadResult? settings;
    private volatile IReadOnlyDictionary<string, SectionStatus> sections = new Dictionary<string, SectionStatus>();
    private volatile HubStatus? hub;

    /// <summary>What is counted outside of the stages: the hub's client, commands.</summary>
    public Accounting Accounting { get; } = new();

    /// <summary>The stages; null while there are no settings to run on, or between two runs.</summary>
    public RunningGateway? Running
    {
        get => running;
        set => running = value;
    }

    /// <summary>The settings in force, with the place that each section came from.</summary>
    public SettingsReadResult? Settings
    {
        get => settings;
        set => settings = value;
    }

    /// <summary>Files outside of the store that were found damaged when the process began, a sentence each, for the alert that says so.</summary>
    public ImmutableArray<string> Damage { get; set; } = [];

    /// <summary>What became of each section of the twin.</summary>
    public IReadOnlyDictionary<string, SectionStatus> Sections
    {
        get => sections;
        set => sections = value;
    }

    /// <summary>The way to the hub; null without one.</summary>
    public HubStatus? Hub
    {
        get => hub;
        set => hub = value;
    }
}

/// <summary>The way to the hub.</summary>
/// <param name="Since">Since when it is so.</param>
/// <param name="Cause">Why there is no connection; empty while there is one.</param>
/// <param name="DesiredVersion">Version of the desired properties that is known.</param>
internal sealed record HubStatus(HubIdentity Identity, bool Connected, DateTimeOffset Since, string Cause, long? DesiredVersion);
