using System.Collections.Immutable;
using System.Text.Json.Nodes;
using EdgeGateway.Alerts;
using EdgeGateway.Operations;
using EdgeGateway.Storage;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Page;

/// <summary>What the page shows, as JSON. Any thread may ask; what all streams show alike is made once a second.</summary>
internal sealed class PageView(GatewayState state, TimeProvider clock)
{
    private const int MostOpen = 500;
    private const int MostEnded = 20;
    private const int MostOfSensor = 50;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(0.9);

    private sealed record Seen(JsonObject Overview, string? Alerts, ImmutableArray<Alert> Open);

    private readonly Lock gate = new();
    private readonly PageNumbers numbers = new(clock);
    private (long At, RunningGateway? Of, Seen Seen)? made;

    /// <summary>The newest verdicts; null while no stages run.</summary>
    public LastVerdicts? Verdicts => state.Running?.Verdicts;

    /// <summary>The plant at a glance for who has this role.</summary>
    public JsonObject Overview(PageRole role)
    {
        var overview = Overview().DeepClone().AsObject();
        overview["role"] = PageAnswers.NameOf(role);
        overview["alerts"] = Alerts() is { } alerts ? JsonNode.Parse(alerts) : null;
        return overview;
    }

    /// <summary>Health and numbers.</summary>
    public JsonObject Overview() => Make().Overview;

    /// <summary>Open alerts and the newest ended ones, newest first, as JSON; null while no stages run, for then it is not known what is open.</summary>
    public string? Alerts() => Make().Alerts;

    /// <summary>All sensors that are known with what their newest window looked like.</summary>
    public JsonArray Sensors() => Verdicts is { } verdicts ? new([.. PageSensor.All(verdicts, Make().Open).Select(sensor => sensor.Row())]) : [];

    /// <summary>One sensor: its last hours, its alerts, and why its newest window was judged as it was, null when it has no window yet; null when it is not known.</summary>
    /// <exception cref="InvalidOperationException">No stages run.</exception>
    public JsonObject? Sensor(string id)
    {
        var running = Running;
        return PageSensor.Find(running.Verdicts, Make().Open, id) is not { } sensor ? null : new JsonObject
        {
            ["id"] = sensor.Id,
            ["asset"] = sensor.Asset,
            ["source"] = sensor.Source,
            ["unit"] = sensor.Unit,
            ["range"] = sensor.Range is { } range ? new JsonArray(range.Low, range.High) : null,
            ["points"] = sensor.Points(),
            ["alerts"] = new JsonArray([.. running.Store.AlertsOf(sensor.Id, sensor.Asset, MostOfSensor).Select(Short)]),
            ["why"] = sensor.Last is { } last ? Explanation.Of(last.Prompt, last.Verdict, running.Model) : null,
        };
    }

    /// <summary>Why a window of the last hours of a sensor that ended within a span was judged so, of several one above its threshold; null when it is no longer remembered.</summary>
    /// <param name="after">Milliseconds of event time since 1970.</param>
    /// <param name="until">The same.</param>
    /// <exception cref="InvalidOperationException">No stages run.</exception>
    public JsonObject? Why(string id, long after, long until)
    {
        var running = Running;
        return running.Verdicts.Find(id, after, until) is { } found ? Explanation.Of(found.Prompt, found.Verdict, running.Model) : null;
    }

    /// <summary>One alert with its life, and why it was raised; null when it is not known.</summary>
    /// <exception cref="InvalidOperationException">No stages run.</exception>
    public JsonObject? Alert(string alertId)
    {
        var store = Running.Store;
        if (store.FindAlert(alertId) is not { } known)
        {
            return null;
        }

        return new JsonObject
        {
            ["raised"] = known.Raised?.UtcDateTime,
            ["ended"] = known.Ended?.UtcDateTime,
            ["life"] = new JsonArray([.. store.LifeOf(alertId).Select(s => (JsonNode)new JsonObject { ["transition"] = s.Transition, ["time"] = s.Time.UtcDateTime, ["severity"] = s.Severity, ["by"] = s.By })]),
            ["why"] = store.ExplanationOf(alertId) is { } why ? JsonNode.Parse(why) : null,
            ["feedback"] = new JsonArray([.. store.FeedbackOf(alertId).Select(f => (JsonNode)new JsonObject { ["time"] = f.At.UtcDateTime, ["by"] = f.By, ["verdict"] = f.Verdict, ["note"] = f.Note })]),
            ["alert"] = JsonNode.Parse(known.State.State.Span),
        };
    }

    private RunningGateway Running => state.Running ?? throw new InvalidOperationException(GatewayState.NotRunning);

    private Seen Make()
    {
        lock (gate)
        {
            var running = state.Running;
            if (made is { } before && ReferenceEquals(before.Of, running) && clock.GetElapsedTime(before.At) < Fresh)
            {
                return before.Seen;
            }

            var (alerts, count) = Newest(running);
            ImmutableArray<Alert> open = [.. (alerts ?? []).Select(a => a.Alert).Where(a => a.Active)];
            var text = alerts is null ? null : new JsonArray([.. alerts.Select(a => Short(a.Alert, a.Raised))]).ToJsonString();
            var seen = new Seen(numbers.Overview(state, running, open, count), text, open);
            made = (clock.GetTimestamp(), running, seen);
            return seen;
        }
    }

    /// <summary>The newest alerts, null when they are not known just now, and how many are open in all.</summary>
    private static (List<(Alert Alert, DateTimeOffset? Raised)>? Alerts, long Open) Newest(RunningGateway? running)
    {
        try
        {
            return running is null ? (null, 0) : ([.. running.Store.NewestAlerts(MostOpen, MostEnded).Select(k => (AlertJson.Read(k.State.State), k.Raised))], running.Store.OpenAlertCount);
        }
        catch (Exception e) when (e is StorageException or InvalidOperationException)
        {
            // the stages are just being let go, and their store with them
            return (null, 0);
        }
    }

    private static JsonObject Short(KnownAlert known)
    {
        var alert = Short(AlertJson.Read(known.State.State), known.Raised);
        alert["ended"] = known.Ended?.UtcDateTime;
        return alert;
    }

    private static JsonObject Short(Alert alert, DateTimeOffset? raised) => new JsonObject
    {
        ["alertId"] = alert.AlertId,
        ["subject"] = alert.Subject,
        ["asset"] = alert.Asset,
        ["sensor"] = alert.Sensors.FirstOrDefault(),
        ["family"] = alert.Family,
        ["kind"] = alert.Kind,
        ["severity"] = alert.Severity,
        ["confidence"] = Math.Round(alert.Confidence, 3),
        ["judge"] = alert.Judge,
        ["active"] = alert.Active,
        ["acknowledged"] = alert.AcknowledgedAt is not null,
        ["shelvedUntil"] = alert.ShelvedUntil?.UtcDateTime,
        ["outOfService"] = alert.OutOfServiceUntil is not null,
        ["raised"] = (raised ?? alert.WindowEnd).UtcDateTime,
        ["time"] = alert.Time.UtcDateTime,
        ["sparkline"] = alert.Sparkline,
        ["text"] = alert.Text,
    };
}
