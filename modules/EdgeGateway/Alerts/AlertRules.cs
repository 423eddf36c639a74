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

    public AlertRules(AlertContent content, DetectionSettings detection, AlertSettings settings, Accounting accounting)
    {
        (this.content, Detection, this.settings) = (content, detection, settings);
        LifeCycle = new LifeCycle(content, settings, accounting);
        content.Use(detection);
    }

    /// <summary>What becomes of conditions.</summary>
    public LifeCycle LifeCycle { get; }

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
            case Tick tick:
                LifeCycle.Tick(tick.Now, transitions);
                break;
            case AlertCommand command:
                command.Apply(LifeCycle, transitions);
                break;
            case AssetMaintenance change:
                LifeCycle.OutOfService.Take(change, transitions);
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
        LifeCycle.Use(settings);
        content.Use(Detection);
        foreach (var asset in assets.Values)
        {
            asset.Settings = Detection;
        }
    }

    /// <summary>Ends what is open for a sensor that is gone, and for its asset when it was the last one.</summary>
    public void Forget(string sensor, string assetName, DateTimeOffset at, List<Alert> transitions)
    {
        LifeCycle.Forget(sensor, Family.Silent, at, transitions);
        LifeCycle.Forget(sensor, Family.Limit, at, transitions);
        if (assets.TryGetValue(assetName, out var asset) && asset.Sensors.Remove(sensor) && asset.Sensors.Count == 0)
        {
            assets.Remove(assetName);
            LifeCycle.Forget(assetName, Family.Anomaly, at, transitions);
            LifeCycle.OutOfService.Forget(assetName, at, transitions);
        }
    }

    private void AddVerdict(Verdict verdict, List<Alert> transitions)
    {
        var name = verdict.Window.Sensor.Asset;
        if (!assets.TryGetValue(name, out var asset))
        {
            asset = new AssetScores(Detection) { StartsQuiet = LifeCycle.Conditions.IsActive(name, Family.Anomaly) };
            assets.Add(name, asset);
        }

        asset.Add(verdict);
        LifeCycle.Advance(name, verdict.Window.End, transitions);
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

        var condition = LifeCycle.Conditions.TryGet(name, Family.Anomaly, out var known) ? known : null;
        var active = condition is { IsActive: true };
        if (!active && firing && !asset.IsQuiet)
        {
            asset.Raised();
            LifeCycle.Raise(content.Raise(asset, verdict, margin), transitions);
        }
        else if (active && !firing && !double.IsNaN(margin) && !asset.IsQuiet && now - asset.LastFiring >= settings.ClearAfter)
        {
            LifeCycle.End(name, Family.Anomaly, now, transitions);
        }
        else if (active && firing && condition!.IsOpen && now - condition.Newest!.Time >= UpdateInterval)
        {
            Revise(condition, content.Anomaly(asset, verdict, margin), transitions);
        }
    }

    /// <summary>An open alert is updated when its kind or the class of its severity changed.</summary>
    private void Revise(Condition condition, Alert fresh, List<Alert> transitions)
    {
        var open = condition.Newest!;
        if (open.ShelvedUntil is null && (fresh.Kind != open.Kind || fresh.Severity / SeverityClass != open.Severity / SeverityClass))
        {
            LifeCycle.Step(condition, Realarm.Keep(open, fresh) with { AlertId = open.AlertId, IdTime = open.IdTime, Sequence = open.Sequence + 1, Transition = Transition.Updated, AcknowledgedAt = open.AcknowledgedAt }, transitions);
        }
    }

    private void Follow(bool active, string subject, string family, DateTimeOffset at, Func<Alert> raised, List<Alert> transitions)
    {
        if (!active)
        {
            LifeCycle.End(subject, family, at, transitions);
        }
        else if (!LifeCycle.Conditions.IsActive(subject, family))
        {
            LifeCycle.Raise(raised(), transitions);
        }
    }
}
