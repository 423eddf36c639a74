using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace SensorSimulator;

/// <summary>Payloads as the simulator publishes them: <c>{"ts":"2026-01-01T00:00:00Z","pressure":4.02}</c>; a missing value is null.</summary>
public static class Payload
{
    /// <summary>Name of the event time.</summary>
    public const string TimeName = "ts";

    /// <summary>Writes one payload.</summary>
    public static void Write(IBufferWriter<byte> destination, DateTimeOffset time, ReadOnlySpan<string> names, ReadOnlySpan<double> values)
    {
        using var json = new Utf8JsonWriter(destination);
        json.WriteStartObject();
        json.WriteString(TimeName, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        for (var i = 0; i < names.Length; i++)
        {
            if (double.IsFinite(values[i]))
            {
                json.WriteNumber(names[i], values[i]);
            }
            else
            {
                json.WriteNull(names[i]);
            }
        }

        json.WriteEndObject();
    }
}
