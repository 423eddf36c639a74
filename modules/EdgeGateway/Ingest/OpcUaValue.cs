using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EdgeGateway.Settings;

namespace EdgeGateway.Ingest;

/// <summary>
/// Reads one value of an OPC UA message: bare, as Variant ({Type, Body} or {UaType, Value}) or as DataValue ({Value, StatusCode or Status, SourceTimestamp}); OPC 10000-6
/// sections 5.4.2.17 and 5.4.2.18, in the editions 1.04 and 1.05 and in both encodings of OPC Publisher.
/// </summary>
/// <param name="Value">Missing when its status is not good.</param>
/// <param name="Time">Source timestamp; not present when the value has none.</param>
internal readonly record struct OpcUaValue(Found Value, EventTime Time)
{
    /// <summary>DataValue, Variant and extension object around a value; deeper ones are structures.</summary>
    private const int MostWrappers = 4;

    private static readonly Found Structure = new(FoundKind.NotANumber, 0, null);
    private static readonly Found Missing = new(FoundKind.Missing, double.NaN, null);

    /// <summary>Reads a value.</summary>
    /// <param name="isGood">Status of the message around it. A DataValue has one of its own: OPC Publisher gives a message the first bad status among its values.</param>
    public static OpcUaValue Read(JsonElement value, bool isGood, PayloadMap map)
    {
        var (time, isInteger) = (default(EventTime), !map.Source.AllValues);
        for (var wrappers = 0; value.ValueKind == JsonValueKind.Object && wrappers < MostWrappers; wrappers++)
        {
            var isVariant = value.TryGetProperty("Body"u8, out var inner);
            var hasValue = isVariant || value.TryGetProperty("Value"u8, out inner);
            var hasStatus = value.TryGetProperty("StatusCode"u8, out var status) || value.TryGetProperty("Status"u8, out status);
            var ownTime = TimeOf(value, "SourceTimestamp"u8);
            if (!hasValue && !hasStatus && !ownTime.Present)
            {
                break;
            }

            isGood = hasStatus ? IsGood(status) : isGood || !isVariant;
            time = ownTime.Present ? ownTime : time;
            isInteger |= IsInteger(value);

            // without a value it is null (OPC 10000-6 section 5.4.2.1)
            value = hasValue ? inner : default;
        }

        return new OpcUaValue(isGood ? Number(value, isInteger, map) : Bad(value, map), time);
    }

    /// <summary>Whether a status code is good: its two highest bits are 0 (OPC 10000-4 section 7.38). It comes as number, as {Code, Symbol} or as symbol.</summary>
    public static bool IsGood(JsonElement status) => status.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Number => status.TryGetUInt32(out var code) && code >> 30 == 0,
        JsonValueKind.String => status.GetString()!.StartsWith("Good", StringComparison.Ordinal),
        JsonValueKind.Object => status.TryGetProperty("Code"u8, out var inner) || status.TryGetProperty("Symbol"u8, out inner) ? inner.ValueKind != JsonValueKind.Object && IsGood(inner) : true,
        _ => false,
    };

    /// <summary>A DateTime of a message; not present when it is missing, null or the date that stands for null (OPC 10000-6 section 5.4.2.6).</summary>
    public static EventTime TimeOf(JsonElement message, ReadOnlySpan<byte> name)
    {
        if (!message.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return default;
        }

        var time = value.ValueKind == JsonValueKind.String ? EventTime.FromText(JsonMarshal.GetRawUtf8Value(value)[1..^1], TimeZoneInfo.Utc) : new EventTime(true, null);
        return time.Value == DateTimeOffset.MinValue ? default : time;
    }

    /// <summary>A value that is not good is missing, whatever it is; where every number is wanted, what is no number is not.</summary>
    private static Found Bad(JsonElement value, PayloadMap map) =>
        map.Source.AllValues && value.ValueKind is not (JsonValueKind.Number or JsonValueKind.Null or JsonValueKind.Undefined) ? Structure : Missing;

    private static Found Number(JsonElement value, bool isInteger, PayloadMap map) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDouble(out var number) ? PayloadReader.Number(number, map) : new Found(FoundKind.NotFinite, 0, null),
        JsonValueKind.Null or JsonValueKind.Undefined => Missing,
        JsonValueKind.True or JsonValueKind.False => PayloadReader.State(JsonMarshal.GetRawUtf8Value(value), map),
        JsonValueKind.String => FromText(value.GetString()!, isInteger, map),
        _ => Structure,
    };

    /// <summary>64-bit integers and numbers that are not finite travel as texts (OPC 10000-6 sections 5.4.2.3 and 5.4.2.4).</summary>
    private static Found FromText(string text, bool isInteger, PayloadMap map)
    {
        var state = PayloadReader.State(Encoding.UTF8.GetBytes(text), map);
        return state.Kind == FoundKind.Number || !isInteger ? state
            : text is "NaN" or "Infinity" or "-Infinity" ? new Found(FoundKind.NotFinite, 0, null)
            : double.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? PayloadReader.Number(number, map)
            : state;
    }

    private static bool IsInteger(JsonElement value) =>
        (value.TryGetProperty("Type"u8, out var type) || value.TryGetProperty("UaType"u8, out type))
        && (type.ValueKind == JsonValueKind.Number ? type.TryGetInt32(out var id) && id is 8 or 9 : type.ValueKind == JsonValueKind.String && type.GetString() is "Int64" or "UInt64");
}
