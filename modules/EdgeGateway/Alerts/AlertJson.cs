using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeGateway.Alerts;

/// <summary>Alerts as CloudEvents 1.0 JSON (docs/formats/alert.md): the form for every sink, and the form that is kept on disk.</summary>
internal static class AlertJson
{
    /// <summary>Largest body: leaves room for message properties in one IoT Hub metering block of 4,096 bytes.</summary>
    public const int MaxBytes = 3840;

    /// <summary>CloudEvents type.</summary>
    public const string Type = "edgegateway.alert.v1";

    /// <summary>Characters of a source's name that are left when nothing else helps.</summary>
    private const int LongestSource = 64;

    // names and texts keep their own letters instead of six-byte escapes; bodies are never embedded in HTML
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>UTF-8 JSON of at most <see cref="MaxBytes"/>: beyond that, first the sensors after the leading one, then the sparkline, then the end of the text, then asset, sensors, unit and the end of a long name of the source are cut.</summary>
    public static byte[] Write(Alert alert, string gateway)
    {
        var body = WriteWhole(alert, gateway);
        if (body.Length > MaxBytes)
        {
            body = WriteWhole(alert with { Sensors = [.. alert.Sensors.Take(1)], Sparkline = "" }, gateway);
        }

        for (var length = 400; body.Length > MaxBytes && length > 0; length -= 100)
        {
            body = WriteWhole(alert with { Sensors = [.. alert.Sensors.Take(1)], Sparkline = "", Text = Cut(alert.Text, length) }, gateway);
        }

        return body.Length <= MaxBytes ? body : WriteWhole(alert with { Sensors = [], Asset = "", Source = Cut(alert.Source, LongestSource), Unit = "", Sparkline = "", Text = "" }, gateway);
    }

    private static string Cut(string text, int length) =>
        text.Length <= length ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), "…");

    private static byte[] WriteWhole(Alert alert, string gateway)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("type", Type);
            json.WriteString("source", gateway);
            json.WriteString("subject", alert.Subject);
            json.WriteString("id", $"{alert.AlertId}.{alert.Sequence}");
            json.WriteString("time", alert.Time.UtcDateTime);
            json.WriteString("datacontenttype", "application/json");
            json.WritePropertyName("data");
            WriteData(json, alert);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteData(Utf8JsonWriter json, Alert alert)
    {
        json.WriteStartObject();
        json.WriteString("alertId", alert.AlertId);
        json.WriteNumber("sequence", alert.Sequence);
        json.WriteString("transition", Name(alert.Transition));
        json.WriteBoolean("active", alert.Active);
        json.WriteBoolean("acknowledged", alert.AcknowledgedAt is not null);
        WriteTime(json, "acknowledgedAt", alert.AcknowledgedAt);
        WriteTime(json, "shelvedUntil", alert.ShelvedUntil);
        WriteTime(json, "toldAt", alert.ToldAt);
        json.WriteBoolean("outOfService", alert.OutOfServiceUntil is not null);
        WriteTime(json, "outOfServiceUntil", alert.OutOfServiceUntil);
        if (alert.By.Length > 0)
        {
            json.WriteString("by", alert.By);
        }

        if (alert.Reason.Length > 0)
        {
            json.WriteString("reason", alert.Reason);
        }

        json.WriteString("family", alert.Family);
        json.WriteString("kind", alert.Kind);
        json.WriteNumber("severity", alert.Severity);
        json.WriteNumber("confidence", Math.Round(alert.Confidence, 3));
        json.WriteString("judge", alert.Judge);
        json.WriteString("asset", alert.Asset);
        json.WriteString("source", alert.Source);
        json.WriteStartArray("sensors");
        foreach (var sensor in alert.Sensors)
        {
            json.WriteStringValue(sensor);
        }

        json.WriteEndArray();
        json.WriteString("unit", alert.Unit);
        json.WriteString("windowStart", alert.WindowStart.UtcDateTime);
        json.WriteString("windowEnd", alert.WindowEnd.UtcDateTime);
        WriteTime(json, "idTime", alert.IdTime);
        json.WriteStartObject("evidence");
        foreach (var (name, number) in alert.Evidence)
        {
            json.WriteNumber(name, number);
        }

        json.WriteEndObject();
        json.WriteString("sparkline", alert.Sparkline);
        json.WriteString("text", alert.Text);
        json.WriteStartObject("versions");
        foreach (var (name, version) in alert.Versions)
        {
            json.WriteString(name, version);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Reads a body that <see cref="Write"/> made.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static Alert Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var (root, data) = (document.RootElement, document.RootElement.GetProperty("data"));
        return new Alert(
            Text(data, "alertId"),
            data.GetProperty("sequence").GetInt32(),
            Enum.Parse<Transition>(Text(data, "transition"), ignoreCase: true),
            root.GetProperty("time").GetDateTimeOffset(),
            data.GetProperty("active").GetBoolean(),
            Text(root, "subject"),
            Text(data, "family"),
            Text(data, "kind"),
            data.GetProperty("severity").GetInt32(),
            data.GetProperty("confidence").GetDouble(),
            Text(data, "judge"),
            Text(data, "asset"),
            [.. data.GetProperty("sensors").EnumerateArray().Select(s => s.GetString()!)],
            Text(data, "unit"),
            data.GetProperty("windowStart").GetDateTimeOffset(),
            data.GetProperty("windowEnd").GetDateTimeOffset(),
            [.. data.GetProperty("evidence").EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.GetDouble()))],
            Text(data, "sparkline"),
            Text(data, "text"),
            [.. data.GetProperty("versions").EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!))])
        {
            Source = Optional(data, "source")?.GetString() ?? "",
            IdTime = Optional(data, "idTime")?.GetDateTimeOffset(),
            AcknowledgedAt = Optional(data, "acknowledgedAt")?.GetDateTimeOffset(),
            ShelvedUntil = Optional(data, "shelvedUntil")?.GetDateTimeOffset(),
            ToldAt = Optional(data, "toldAt")?.GetDateTimeOffset(),
            OutOfServiceUntil = Optional(data, "outOfServiceUntil")?.GetDateTimeOffset(),
            By = Optional(data, "by")?.GetString() ?? "",
            Reason = Optional(data, "reason")?.GetString() ?? "",
        };
    }

    /// <summary>The word for a transition, as it stands in the JSON.</summary>
    public static string Name(Transition transition) => JsonNamingPolicy.CamelCase.ConvertName(transition.ToString());

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at)
        {
            json.WriteString(name, at.UtcDateTime);
        }
    }

    private static JsonElement? Optional(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value : null;

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
