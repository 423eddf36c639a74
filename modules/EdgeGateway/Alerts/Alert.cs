using System.Collections.Immutable;
using EdgeGateway.Stages;

namespace EdgeGateway.Alerts;

/// <summary>What a transition of an alert says has happened.</summary>
public enum Transition { Raised, Updated, Cleared, Acknowledged, Shelved, Unshelved, OutOfService, InService }

/// <summary>What is wrong: one open alert at most per subject and family.</summary>
internal static class Family
{
    /// <summary>An asset behaves unlike its past.</summary>
    public const string Anomaly = "anomaly";

    /// <summary>A sensor sends nothing.</summary>
    public const string Silent = "silent";

    /// <summary>A sensor is outside its hard range.</summary>
    public const string Limit = "limit";

    /// <summary>The gateway itself: its broker, its clock.</summary>
    public const string Own = "own";
}

/// <summary>One transition of one alert with the whole state after it (docs/formats/alert.md).</summary>
/// <param name="AlertId">20 characters of lower-case base32, see <see cref="AlertIds"/>.</param>
/// <param name="Sequence">Transitions of this alert so far, this one included; from 1.</param>
/// <param name="Time">Event time of the transition.</param>
/// <param name="Kind">One of the model's kinds, "unusual", "silent", "limit", or a kind of the gateway's own.</param>
/// <param name="Severity">1-1000.</param>
/// <param name="Confidence">Calibrated probability that the alert is real, 0..1.</param>
/// <param name="Judge">model, statistics, limit, timer or operator.</param>
/// <param name="Sensors">The sensors that speak for it, leading first; at least one but for family own.</param>
/// <param name="Evidence">Named numbers; every number of the text is among them.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Versions">Versions of what judged: model, adapter (where there was one), prompt.</param>
internal sealed record Alert(
    string AlertId,
    int Sequence,
    Transition Transition,
    DateTimeOffset Time,
    bool Active,
    string Subject,
    string Family,
    string Kind,
    int Severity,
    double Confidence,
    string Judge,
    string Asset,
    ImmutableArray<string> Sensors,
    string Unit,
    DateTimeOffset WindowStart,
    DateTimeOffset WindowEnd,
    ImmutableArray<KeyValuePair<string, double>> Evidence,
    string Sparkline,
    string Text,
    ImmutableArray<KeyValuePair<string, string>> Versions) : StageEvent
{
    /// <summary>Name of the source in the settings that the leading sensor belongs to; "" for family own.</summary>
    public string Source { get; init; } = "";

    /// <summary>The time that its id was made from; null for <see cref="WindowEnd"/>. Times may come again when a sensor's clock is set back, ids may not.</summary>
    public DateTimeOffset? IdTime { get; init; }

    /// <summary>When somebody acknowledged it, our clock; null while nobody has.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>Until when its condition is not told again, our clock; null when it is not shelved.</summary>
    public DateTimeOffset? ShelvedUntil { get; init; }

    /// <summary>When it was raised, or told again last, our clock; null without <c>alerts.realarm</c>.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>Until when the asset of an open alert is out of service, our clock; null when it is in service.</summary>
    public DateTimeOffset? OutOfServiceUntil { get; init; }

    /// <summary>Who caused this transition; "" when it was no person.</summary>
    public string By { get; init; } = "";

    /// <summary>Why it ended where its condition did not: <see cref="Moved"/>; "" else.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Why the window of its leading sensor counts as anomalous, UTF-8 JSON (<see cref="Alerts.Explanation"/>); only of the raise of an anomaly.</summary>
    public ReadOnlyMemory<byte> Explanation { get; init; }

    /// <summary>Another process of the partition judges the asset from now on.</summary>
    public const string Moved = "moved";

    /// <summary>The next transition of this alert.</summary>
    public Alert Next(Transition transition, DateTimeOffset time, bool active) =>
        this with { Sequence = Sequence + 1, Transition = transition, Time = time, Active = active, By = "", Reason = "", OutOfServiceUntil = active ? OutOfServiceUntil : null };
}
