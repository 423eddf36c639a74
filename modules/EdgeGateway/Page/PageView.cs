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

    private readonly Lock gate = new();
    private readonly PageNumbers numbers = new(clock);
    private (long At, RunningGateway? Of, JsonObject Overview, string? Alerts)? made;

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

    /// <summary>All sensors with what their newest window looked like.</summary>
    public JsonArray Sensors() => new([.. (Verdicts?.After(0) ?? []).Select(Row)]);

    /// <summary>One sensor: its last hours, its alerts, and why its newest window was judged as it was; null when it has no window yet.</summary>
    /// <exception cref="InvalidOperationException">No stages run.</exception>
    public JsonObject? Sensor(string id)
    {
        var running = Running;
        if (!running.Verdicts.TryFind(id, out var last))
        {
            return null;
        }

        var sensor = last.Verdict.Window.Sensor;
        return new JsonObject
        {
            ["id"] = sensor.Id,
            ["asset"] = sensor.Asset,
            ["source"] = sensor.Source.Name,
            ["unit"] = sensor.Unit,
            ["range"] = sensor.Range is { } range ? new JsonArray(range.Low, range.High) : null,
            ["points"] = new JsonArray([.. (last.History?.Points() ?? [HistoryPoint.Of(last.Verdict)]).Select(Point)]),
            ["alerts"] = new JsonArray([.. running.Store.AlertsOf(sensor.Id, sensor.Asset, MostOfSensor).Select(Short)]),
            ["why"] = Explanation.Of(last.Prompt, last.Verdict, running.Model),
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

    /// <summary>What changes of a sensor with each window: id, value, colour, score less threshold, end.</summary>
    public static JsonNode ShortRow(LastVerdict last)
    {
        var point = HistoryPoint.Of(last.Verdict);
        return new JsonArray(last.Verdict.Window.Sensor.Id, Number(point.Value), (int)point.Colour, Number(point.Score), Milliseconds(point.End));
    }

    private static JsonNode Row(LastVerdict last)
    {
        var sensor = last.Verdict.Window.Sensor;
        var row = ShortRow(last).AsArray();
        row.Add(sensor.Asset);
        row.Add(sensor.Unit);
        return row;
    }

    private static JsonNode Point(HistoryPoint p) =>
        new JsonArray(Milliseconds(p.End), Number(p.Value), Number(p.Min), Number(p.Max), Number(p.Usual), Number(p.Spread), Number(p.Score), (int)p.Colour);

    private RunningGateway Running => state.Running ?? throw new InvalidOperationException(GatewayState.NotRunning);

    private (JsonObject Overview, string? Alerts) Make()
    {
        lock (gate)
        {
            var running = state.Running;
            if (made is { } before && ReferenceEquals(before.Of, running) && clock.GetElapsedTime(before.At) < Fresh)
            {
                return (before.Overview, before.Alerts);
            }

            var (alerts, open) = Newest(running);
            var overview = numbers.Overview(state, running, [.. (alerts ?? []).Select(a => a.Alert).Where(a => a.Active)], open);
            var text = alerts is null ? null : new JsonArray([.. alerts.Select(a => Short(a.Alert, a.Raised))]).ToJsonString();
            made = (clock.GetTimestamp(), running, overview, text);
            return (overview, text);
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

    private static long Milliseconds(long ticks) => new DateTimeOffset(ticks, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private static JsonValue? Number(float value) => float.IsFinite(value) ? JsonValue.Create(value) : null;
}
