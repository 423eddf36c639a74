using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EdgeGateway.Ingest;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.Alerts;

/// <summary>Writes what an alert says: evidence, sentence, severity. Every number of a sentence is an evidence number, rounded once for both.</summary>
internal sealed class AlertContent(string gateway, SensorModel model)
{
    /// <summary>What an anomaly is called when no kind stands out.</summary>
    public const string Unusual = "unusual";

    /// <summary>Kind of the alert that an asset is out of service.</summary>
    public const string MaintenanceKind = "maintenance";

    /// <summary>Judge of what a command decides.</summary>
    public const string Operator = "operator";

    private const int MaintenanceSeverity = 100;
    private const int Digits = 4;
    private readonly ImmutableArray<string> kinds = WindowJudge.KindsOf(model);
    private readonly PromptWriter prompts = new(model);
    private double kindMinimum = model.KindMinimum;

    /// <summary>Names kinds by these settings from now on.</summary>
    public void Use(DetectionSettings detection) => kindMinimum = detection.KindMinimum ?? model.KindMinimum;

    /// <summary>An anomaly of an asset, as its newest window shows it.</summary>
    /// <param name="margin">Asset score less the threshold; said on the scale of the leading sensor's judge.</param>
    internal Alert Anomaly(AssetScores asset, Verdict trigger, double margin)
    {
        var leading = asset.Leading(trigger.Threshold);
        var lead = Lead(leading, trigger);
        var (window, sensor) = (lead.Window, lead.Window.Sensor);
        var (kind, share) = Kind(leading);
        var score = margin + lead.Threshold;
        var confidence = lead.JudgedBy == Judge.Model ? (lead.By?.Sensor ?? model).Calibration.Probability(score) : 0.5;
        var contributions = Contributions.Of(window, model);
        var evidence = Evidence(window, score, lead.Threshold, share, contributions);
        return New(sensor.Asset, Family.Anomaly, kind, trigger.Window.End, window.Start, sensor, evidence) with
        {
            Severity = Severity(sensor.Source.Criticality, confidence),
            Confidence = confidence,
            Judge = lead.JudgedBy == Judge.Model ? "model" : "statistics",
            Versions = Versions(lead.By),
            Sensors = [.. leading.Select(s => s.Key)],
            Sparkline = window.Sparkline,
            Text = AnomalyText(sensor, Looks(kind, contributions), evidence),
        };
    }

    /// <summary>The same with why the leading sensor's window counts as anomalous: what is kept of a raise.</summary>
    internal Alert Raise(AssetScores asset, Verdict trigger, double margin)
    {
        var lead = Lead(asset.Leading(trigger.Threshold), trigger);
        return Anomaly(asset, trigger, margin) with { Explanation = JsonSerializer.SerializeToUtf8Bytes(Explanation.Of(prompts.Write(lead.Window), lead, model)) };
    }

    internal Alert Silent(SensorSilence silence)
    {
        var sensor = silence.Sensor;
        ImmutableArray<KeyValuePair<string, double>> evidence = [new("silentAfterSeconds", Round(silence.Limit.TotalSeconds))];
        return New(sensor.Id, Family.Silent, Family.Silent, silence.At, silence.LastSample, sensor, evidence) with
        {
            Severity = Severity(sensor.Source.Criticality, 0.5),
            Judge = "timer",
            Text = $"{sensor.Id} has sent nothing for {Text(evidence, "silentAfterSeconds")} seconds.",
        };
    }

    internal Alert Limit(LimitCrossing crossing)
    {
        var (sensor, range) = (crossing.Sensor, crossing.Range);
        ImmutableArray<KeyValuePair<string, double>> evidence =
            [new("value", Round(crossing.Value)), new("low", Round(range.Low)), new("high", Round(range.High))];
        if (crossing.Delay > TimeSpan.Zero)
        {
            evidence = evidence.Add(new("onDelaySeconds", Round(crossing.Delay.TotalSeconds)));
        }

        var allowed = $"{Text(evidence, "low")} to {Text(evidence, "high")}{Unit(sensor)}";
        return New(sensor.Id, Family.Limit, Family.Limit, crossing.At, crossing.Since, sensor, evidence) with
        {
            Severity = Math.Min(1000, Severity(sensor.Source.Criticality, 1)),
            Judge = "limit",
            Text = crossing.Delay > TimeSpan.Zero
                ? $"{sensor.Id} has been outside {allowed} for {Text(evidence, "onDelaySeconds")} seconds, last at {Text(evidence, "value")}{Unit(sensor)}."
                : $"{sensor.Id} is at {Text(evidence, "value")}{Unit(sensor)}, outside {allowed}.",
        };
    }

    /// <summary>The alert of a condition that is raised and cleared again and again.</summary>
    /// <param name="times">Raises within the last hour.</param>
    internal static Alert Flapping(Alert raised, int times)
    {
        var quiet = Condition.FlapQuiet.TotalMinutes;
        return raised with
        {
            Evidence = [.. raised.Evidence, new("raisedInHour", times), new("quietMinutes", quiet)],
            Text = string.Create(CultureInfo.InvariantCulture, $"{raised.Text} It was raised {times} times within an hour and stays open until it has been quiet for {quiet} minutes."),
        };
    }

    /// <summary>Id of the alert of a condition that was raised at this event time.</summary>
    internal string IdOf(string subject, string family, DateTimeOffset at) => AlertIds.Of(gateway, subject, family, at);

    /// <summary>What an alert of the gateway itself is about.</summary>
    internal string OwnSubject(string kind) => $"{gateway}/{kind}";

    internal Alert Own(OwnCondition condition)
    {
        return New(OwnSubject(condition.Kind), Family.Own, condition.Kind, condition.At, condition.At, null, []) with { Severity = 500, Judge = "timer", Text = condition.Text };
    }

    /// <summary>What the alert that an asset is out of service is about.</summary>
    internal string MaintenanceSubject(string asset) => OwnSubject($"{MaintenanceKind}/{asset}");

    internal Alert Maintenance(AssetMaintenance change)
    {
        var until = change.Until!.Value;
        ImmutableArray<KeyValuePair<string, double>> evidence = [new("minutes", Round((until - change.At).TotalMinutes))];
        return New(MaintenanceSubject(change.Asset), Family.Own, MaintenanceKind, change.At, change.At, null, evidence) with
        {
            Asset = change.Asset,
            Severity = MaintenanceSeverity,
            Judge = change.ByCommand ? Operator : "timer",
            OutOfServiceUntil = until,
            By = change.By,
            Text = $"{change.Asset} is out of service for {Text(evidence, "minutes")} minutes, by {change.By}.",
        };
    }

    /// <summary>
    /// 1-1000: 100 (low), 300 (normal), 500 (high) or 700 (critical) by the source's criticality, plus up to 200 by confidence.
    /// </summary>
    public static int Severity(Criticality criticality, double confidence) => 100 + (200 * (int)criticality) + (int)Math.Round(200 * Math.Clamp(confidence, 0, 1));

    /// <summary>The kind that stands out over the newest hops of the two leading sensors, and its share among all kinds.</summary>
    internal (string Kind, double Share) Kind(IReadOnlyList<KeyValuePair<string, SensorScores>> leading)
    {
        Span<double> sums = stackalloc double[kinds.Length];
        foreach (var (_, sensor) in leading.Take(1))
        {
            sensor.AddKinds(sums);
        }

        var (best, total) = (0, 0.0);
        for (var i = 0; i < sums.Length; i++)
        {
            total += sums[i];
            best = sums[i] > sums[best] ? i : best;
        }

        var share = total > 0 ? sums[best] / total : 0;
        return share > kindMinimum ? (kinds[best], share) : (Unusual, share);
    }

    private Alert New(string subject, string family, string kind, DateTimeOffset at, DateTimeOffset start, Sensor? sensor, ImmutableArray<KeyValuePair<string, double>> evidence) =>
        new(AlertIds.Of(gateway, subject, family, at), 1, Transition.Raised, at, Active: true, subject, family, kind, 0, 1, "", sensor?.Asset ?? "",
            sensor is null ? [] : [sensor.Id], sensor?.Unit ?? "", start, at, evidence, "", "", Versions(null))
        {
            Source = sensor?.Source.Name ?? "",
        };

    private ImmutableArray<KeyValuePair<string, string>> Versions(JudgeVersions? by)
    {
        ImmutableArray<KeyValuePair<string, string>> versions = [new("model", by?.Model ?? model.Name), new("prompt", model.PromptVersion.ToString(CultureInfo.InvariantCulture))];
        return by?.AdapterVersion is { } adapter ? versions.Insert(1, new("adapter", adapter)) : versions;
    }

    private static ImmutableArray<KeyValuePair<string, double>> Evidence(WindowSummary window, double score, double threshold, double share, ImmutableArray<Contribution> contributions)
    {
        var seen = window.Evidence;
        KeyValuePair<string, double>[] numbers =
        [
            new("score", score), new("threshold", threshold), new("gate", window.GateScore), new("kindShare", share),
            new("last", seen.Last), new("mean", seen.Mean), new("min", seen.Min), new("max", seen.Max),
            new("usual", seen.BaselineMedian), new("usualSpread", seen.BaselineSpread), .. contributions.Select(c => KeyValuePair.Create(c.Field, c.Value)),
        ];
        return [.. numbers.Where(n => double.IsFinite(n.Value)).Select(n => KeyValuePair.Create(n.Key, Round(n.Value)))];
    }

    private static string Looks(string kind, ImmutableArray<Contribution> contributions) =>
        (kind == Unusual ? $"looks {kind}" : $"looks like {kind}") + (contributions.IsEmpty ? "" : $" ({string.Join(", ", contributions.Select(c => c.Words))})");

    private static string AnomalyText(Sensor sensor, string looks, ImmutableArray<KeyValuePair<string, double>> evidence)
    {
        if (!evidence.Any(e => e.Key == "mean"))
        {
            return $"{sensor.Id} {looks}.";
        }

        var now = $"{sensor.Id} {looks}: mean {Text(evidence, "mean")}{Unit(sensor)}, between {Text(evidence, "min")} and {Text(evidence, "max")}";
        return evidence.Any(e => e.Key == "usual")
            ? $"{now}; usual are {Text(evidence, "usual")}{Unit(sensor)} with a spread of {Text(evidence, "usualSpread")}."
            : $"{now}.";
    }

    private static string Unit(Sensor sensor) => sensor.Unit.Length == 0 ? "" : $" {sensor.Unit}";

    private static string Text(ImmutableArray<KeyValuePair<string, double>> evidence, string name) =>
        evidence.First(e => e.Key == name).Value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Four significant digits; the largest doubles have no rounder neighbour.</summary>
    private static double Round(double value) =>
        double.Parse(value.ToString($"G{Digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) is var rounded && double.IsFinite(rounded) ? rounded : value;

    private static Verdict Lead(IReadOnlyList<KeyValuePair<string, SensorScores>> leading, Verdict trigger) => leading.FirstOrDefault(s => s.Value.Newest is not null).Value?.Newest ?? trigger;
}
