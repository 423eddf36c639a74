using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeGateway.Packages.Json;

/// <summary>Writes what <see cref="StrictJson"/> reads: members in the order of the writer, no white space, so that the same value gives the same bytes.</summary>
internal static class PayloadWriter
{
    // the default would write + of Base64 as an escape; these files are no HTML
    private static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The outermost object with the members that are written.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Form))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A member in the form of <see cref="StrictJson.Time"/>; parts of a second are dropped.</summary>
    public static void WriteTime(this Utf8JsonWriter json, string name, DateTimeOffset time) =>
        json.WriteString(name, time.UtcDateTime.ToString(StrictJson.TimeForm, System.Globalization.CultureInfo.InvariantCulture));
}
