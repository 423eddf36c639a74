using EdgeGateway.Alerts;
using EdgeGateway.Storage;

namespace EdgeGateway.Recordings;

/// <summary>From when to when the newest anomalies and limits of each asset were open.</summary>
internal sealed class AlertSpans
{
    /// <summary>Of one asset: more than can lie in a recording, but for limits that come and go.</summary>
    private const int Most = 50;

    private readonly Dictionary<string, List<RecordedAlert>> byAsset = new(StringComparer.Ordinal);

    /// <summary>Those of an asset, by their begin.</summary>
    public IReadOnlyList<RecordedAlert> Of(string asset) => byAsset.TryGetValue(asset, out var spans) ? spans : [];

    /// <summary>Whether one of the asset is open.</summary>
    public bool IsOpen(string asset) => Of(asset).Any(s => s.End is null);

    /// <summary>An alert that is open or has ended. False when that says nothing new.</summary>
    public bool Take(Alert alert)
    {
        if (!byAsset.TryGetValue(alert.Asset, out var spans))
        {
            spans = [];
            byAsset.Add(alert.Asset, spans);
        }

        var known = spans.FindIndex(s => s.AlertId == alert.AlertId);
        if (alert.Active && known < 0)
        {
            spans.Add(new RecordedAlert(alert.AlertId, alert.Sensors.FirstOrDefault(alert.Subject), alert.WindowStart, null));
            spans.RemoveRange(0, Math.Max(0, spans.Count - Most));
            return true;
        }

        if (alert.Active || known < 0 || spans[known].End is not null)
        {
            return false;
        }

        spans[known] = spans[known] with { End = alert.Time };
        return true;
    }

    /// <summary>Forgets an asset that is gone.</summary>
    public void Forget(string asset) => byAsset.Remove(asset);
}
