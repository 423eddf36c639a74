using System.Text.Json.Nodes;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Page;

/// <summary>A sensor as the page shows it.</summary>
/// <param name="Source">Name of its source in the settings.</param>
/// <param name="Unit">"" when none was given.</param>
/// <param name="Last">Its newest verdict; null where no window has closed since the start.</param>
internal sealed record PageSensor(string Id, string Asset, string Source, string Unit, ValueRange? Range, LastVerdict? Last)
{
    /// <summary>Those with a verdict, those of an earlier run, and those that nothing but an open alert speaks of any more.</summary>
    public static IEnumerable<PageSensor> All(LastVerdicts verdicts, IEnumerable<Alert> open) => verdicts.After(0).Select(last => Of(last.Verdict.Window.Sensor, last))
        .Concat(verdicts.Known.Select(sensor => Of(sensor, null)))
        .Concat(open.SelectMany(alert => alert.Sensors.Select((id, i) => new PageSensor(id, alert.Asset, alert.Source, i == 0 ? alert.Unit : "", null, null))))
        .DistinctBy(sensor => sensor.Id);

    /// <summary>One of them; null when there is none of this id.</summary>
    public static PageSensor? Find(LastVerdicts verdicts, IEnumerable<Alert> open, string id) =>
        verdicts.TryFind(id, out var last) ? Of(last.Verdict.Window.Sensor, last) : All(verdicts, open).FirstOrDefault(sensor => sensor.Id == id);

    /// <summary>What changes of a sensor with each window: id, value, colour, score less threshold, end.</summary>
    public static JsonArray ShortRow(LastVerdict last)
    {
        var point = HistoryPoint.Of(last.Verdict);
        return new JsonArray(last.Verdict.Window.Sensor.Id, Number(point.Value), (int)point.Colour, Number(point.Score), Milliseconds(point.End));
    }

    /// <summary>The same with asset and unit; null for what changes where there is no window yet.</summary>
    public JsonNode Row()
    {
        var row = Last is { } last ? ShortRow(last) : new JsonArray(Id, null, null, null, null);
        row.Add(Asset);
        row.Add(Unit);
        return row;
    }

    /// <summary>Its last hours; empty where there is no window yet.</summary>
    public JsonArray Points() => Last is { } last ? new([.. (last.History?.Points() ?? [HistoryPoint.Of(last.Verdict)]).Select(Point)]) : [];

    private static PageSensor Of(Sensor sensor, LastVerdict? last) => new(sensor.Id, sensor.Asset, sensor.Source.Name, sensor.Unit, sensor.Range, last);

    private static JsonNode Point(HistoryPoint p) =>
        new JsonArray(Milliseconds(p.End), Number(p.Value), Number(p.Min), Number(p.Max), Number(p.Usual), Number(p.Spread), Number(p.Score), (int)p.Colour);

    private static long Milliseconds(long ticks) => new DateTimeOffset(ticks, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private static JsonValue? Number(float value) => float.IsFinite(value) ? JsonValue.Create(value) : null;
}
