using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.Alerts;

/// <summary>
/// Verdicts and notices -> transitions of alerts. An anomaly is raised when so many of the asset's newest hops as the settings ask for (2 of 3), the newest included, are
/// above the threshold, and not in the silence (120 samples) after the last one. Depends on nothing but its input. Used by the Alerts stage alone.
/// </summary>
internal sealed class AlertRules
{
    /// <summary>Severities of one hundred are one class.</summary>
    private const int SeverityClass = 100;

    private static readonly TimeSpan UpdateInterval = TimeSpan.FromMinutes(15);
    private readonly Dictionary<string, AssetScores> assets = new(StringComparer.Ordinal);
    private readonly AlertContent content;
    private AlertSettings settings;

    public AlertRules(AlertContent content, DetectionSettings detection, AlertSettings settings)
    {
        (this.content, Detection, this.settings) = (content, detection, settings);
        content.Use(detection);
    }

    /// <summary>The newest alert of every condition.</summary>
    public ConditionBook Conditions { get; } = new();

    /// <summary>The fused scores by asset, for a snapshot.</summary>
    internal Dictionary<string, AssetScores> Assets => assets;

    /// <summary>The settings that the scores are looked at with.</summary>
    internal DetectionSettings Detection { get; private set; }

    /// <summary>Takes one event and appends the transitions that follow from it.</summary>
    public void Add(StageEvent input, List<Alert> transitions)
    {
        switch (input)
        {
            case Verdict verdict:
                AddVerdict(verdict, transitions);
                break;
            case SensorSilence silence:
                Follow(silence.Silent, silence.Sensor.Id, Family.Silent, silence.At, () => content.Silent(silence), transitions);
                break;
            case LimitCrossing crossing:
                Follow(crossing.Outside, crossing.Sensor.Id, Family.Limit, crossing.At, () => content.Limit(crossing), transitions);
                break;
            case SensorForgotten forgotten:
                Forget(forgotten.Sensor.Id, forgotten.Sensor.Asset, forgotten.At, transitions);
                break;
            case SettingsChanged changed:
                Use(changed.Settings);
                break;
            case OwnCondition own:
                var alert = content.Own(own);
                Follow(own.Active, alert.Subject, Family.Own, own.At, () => alert, transitions);
                break;
        }
    }

    private void Use(GatewaySettings other)
    {
        (Detection, settings) = (other.Detection, other.Alerts);
        content.Use(Detection);
        foreach (var asset in assets.Values)
        {
            asset.Settings = Detection;
        }
    }

    /// <summary>Ends what is open for a sensor that is gone, and for its asset when it was the last one.</summary>
    public void Forget(string sensor, string assetName, DateTimeOffset at, List<Alert> transitions)
    {
        EndAndForget(sensor, Family.Silent, at, transitions);
        EndAndForget(sensor, Family.Limit, at, transitions);
        if (assets.TryGetValue(assetName, out var asset) && asset.Sensors.Remove(sensor) && asset.Sensors.Count == 0)
        {
            assets.Remove(assetName);
            EndAndForget(assetName, Family.Anomaly, at, transitions);
        }
    }

    private void EndAndForget(string subject, string family, DateTimeOffset at, List<Alert> transitions)
    {
        End(subject, family, at, transitions);
        Conditions.Forget(subject, family);
    }

    private void End(string subject, string family, DateTimeOffset at, List<Alert> transitions)
    {
        if (Conditions.TryGetOpen(subject, family, out var open))
        {
            Emit(open.Next(Transition.Cleared, at, active: false), transitions);
        }
    }

    private void AddVerdict(Verdict verdict, List<Alert> transitions)
    {
        var name = verdict.Window.Sensor.Asset;
        if (!assets.TryGetValue(name, out var asset))
        {
            asset = new AssetScores(Detection) { StartsQuiet = Conditions.TryGetOpen(name, Family.Anomaly, out _) };
            assets.Add(name, asset);
        }

        asset.Add(verdict);
        if (verdict.Window.CompletesAsset)
        {
            Decide(name, asset, verdict, transitions);
        }
    }

    private void Decide(string name, AssetScores asset, Verdict verdict, List<Alert> transitions)
    {
        var now = verdict.Window.End;
        var margin = asset.Lag(0, now, verdict.Threshold);
        var firing = margin > 0 && asset.Fires(now, verdict.Threshold);
        if (firing)
        {
            asset.LastFiring = now;
        }

        var open = Conditions.TryGetOpen(name, Family.Anomaly, out var alert);
        if (!open && firing && !asset.IsQuiet)
        {
            asset.Raised();
            Emit(content.Anomaly(asset, verdict, margin), transitions);
        }
        else if (open && !firing && !double.IsNaN(margin) && !asset.IsQuiet && now - asset.LastFiring >= settings.ClearAfter)
        {
            Emit(alert!.Next(Transition.Cleared, now, active: false), transitions);
        }
        else if (open && firing && now - alert!.Time >= UpdateInterval)
        {
            Revise(alert, content.Anomaly(asset, verdict, margin), transitions);
        }
    }

    /// <summary>An open alert is updated when its kind or the class of its severity changed.</summary>
    private void Revise(Alert open, Alert fresh, List<Alert> transitions)
    {
        if (fresh.Kind != open.Kind || fresh.Severity / SeverityClass != open.Severity / SeverityClass)
        {
            Emit(fresh with { AlertId = open.AlertId, Sequence = open.Sequence + 1, Transition = Transition.Updated }, transitions);
        }
    }

    private void Follow(bool active, string subject, string family, DateTimeOffset at, Func<Alert> raised, List<Alert> transitions)
    {
        if (!active)
        {
            End(subject, family, at, transitions);
        }
        else if (!Conditions.TryGetOpen(subject, family, out _))
        {
            Emit(raised(), transitions);
        }
    }

    private void Emit(Alert alert, List<Alert> transitions)
    {
        Conditions.Set(alert);
        transitions.Add(alert);
    }
}
