using System.Text.Json;

namespace EdgeGateway.Ingest;

/// <summary>One field of a data set that its source wants.</summary>
/// <param name="Writer">Name of the data set writer; null when the message does not say it.</param>
/// <param name="Publisher">Null when the message does not say it.</param>
/// <param name="Time">The value's source timestamp, else the timestamp of its message.</param>
/// <param name="EndsHop">The next field is of a later hop, or of another writer.</param>
internal readonly record struct DataSetField(string? Writer, string? Publisher, string Name, Found Value, EventTime Time, bool EndsHop);

/// <summary>
/// Reads the JSON messages of OPC UA PubSub (OPC 10000-14 section 7.2.5: network messages, arrays of them, data set messages with or without a network message around them)
/// and the older samples of OPC Publisher 2.9 (its docs/opc-publisher/messageformats.md, "Samples mode"). Never throws on content. Not thread-safe: one per Ingest stage.
/// </summary>
/// <remarks>Members of a JSON object have no order, and a timestamp or publisher holds for what stands before it too: so the payload is parsed whole before it is walked.</remarks>
internal sealed class OpcUaPayload
{
    private readonly List<DataSetField> fields = [];

    /// <summary>The fields of the newest hop of samples; empty after anything else.</summary>
    private readonly HashSet<string> hop = new(StringComparer.Ordinal);

    /// <summary>The wanted fields in the order of the payload, after a successful <see cref="Read"/>. Keep-alives, metadata and events have none.</summary>
    public List<DataSetField> Fields => fields;

    /// <summary>Writers of data sets that were whole and yet had no field that is wanted.</summary>
    public List<string?> WithoutValue { get; } = [];

    /// <summary>Reads the whole payload; null = it has the form.</summary>
    public RejectReason? Read(ReadOnlyMemory<byte> payload, PayloadMap map)
    {
        fields.Clear();
        hop.Clear();
        WithoutValue.Clear();
        try
        {
            using var document = JsonDocument.Parse(payload);
            if (ReadMessages(document.RootElement, publisher: null, map))
            {
                return null;
            }
        }
        catch (Exception foreign) when (foreign is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is no UTF-8 or has a lone surrogate, which is found only when it is looked at
        }

        fields.Clear();
        WithoutValue.Clear();
        return RejectReason.Malformed;
    }

    /// <summary>One message or an array of them; false when something is no message.</summary>
    private bool ReadMessages(JsonElement messages, string? publisher, PayloadMap map)
    {
        if (messages.ValueKind != JsonValueKind.Array)
        {
            return ReadMessage(messages, publisher, map);
        }

        foreach (var message in messages.EnumerateArray())
        {
            if (!ReadMessage(message, publisher, map))
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadMessage(JsonElement message, string? publisher, PayloadMap map)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        publisher = Name(message, "PublisherId"u8) ?? publisher;
        if (message.TryGetProperty("Messages"u8, out var messages))
        {
            return ReadMessages(messages, publisher, map);
        }

        if (message.TryGetProperty("Payload"u8, out var payload))
        {
            return ReadDataSet(message, payload, publisher, map);
        }

        if (message.TryGetProperty("Value"u8, out var value) && (Name(message, "DisplayName"u8) ?? Name(message, "NodeId"u8)) is { } name)
        {
            ReadSample(message, name, value, map);
            return true;
        }

        // a keep-alive or the description of a data set
        return Name(message, "MessageType"u8) is not null;
    }

    private bool ReadDataSet(JsonElement message, JsonElement payload, string? publisher, PayloadMap map)
    {
        if (payload.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var type = Name(message, "MessageType"u8);
        if (type is "ua-event" or "ua-condition")
        {
            return true;
        }

        var header = new Header(Name(message, "DataSetWriterName"u8) ?? Name(message, "DataSetWriterId"u8), publisher, OpcUaValue.TimeOf(message, "Timestamp"u8));
        var isGood = !message.TryGetProperty("Status"u8, out var status) || OpcUaValue.IsGood(status);
        var before = fields.Count;
        foreach (var property in payload.EnumerateObject())
        {
            Add(header, property.Name, property.Value, isGood, map);
        }

        EndHop(before);
        if (fields.Count == before && type != "ua-deltaframe")
        {
            WithoutValue.Add(header.Writer);
        }

        return true;
    }

    /// <summary>A sample is one value; those of one application belong together until a field comes again.</summary>
    private void ReadSample(JsonElement message, string name, JsonElement value, PayloadMap map)
    {
        var publisher = message.TryGetProperty("ExtensionFields"u8, out var extensions) && extensions.ValueKind == JsonValueKind.Object ? Name(extensions, "PublisherId"u8) : null;
        var header = new Header(Name(message, "ApplicationUri"u8), publisher, OpcUaValue.TimeOf(message, "Timestamp"u8));
        var before = fields.Count;
        var goesOn = hop.Count > 0 && fields[^1].Writer == header.Writer && !hop.Contains(name);
        Add(header, name, value, isGood: true, map);
        if (fields.Count == before)
        {
            return;
        }

        if (goesOn)
        {
            fields[^2] = fields[^2] with { EndsHop = false };
        }
        else
        {
            hop.Clear();
        }

        hop.Add(name);
        fields[^1] = fields[^1] with { EndsHop = true };
    }

    private void Add(Header header, string name, JsonElement value, bool isGood, PayloadMap map)
    {
        var isAny = map.Source.AllValues;
        if (!isAny && !map.Fields.Contains(name))
        {
            return;
        }

        var (found, time) = OpcUaValue.Read(value, isGood, map);
        if (!isAny || found.Kind is FoundKind.Number or FoundKind.Missing or FoundKind.NotFinite)
        {
            fields.Add(new DataSetField(header.Writer, header.Publisher, name, found, time.Present ? time : header.Time, EndsHop: false));
        }
    }

    /// <summary>A data set message is a hop: what stands behind it belongs to another.</summary>
    private void EndHop(int before)
    {
        hop.Clear();
        if (fields.Count > before)
        {
            fields[^1] = fields[^1] with { EndsHop = true };
        }
    }

    /// <summary>A name or number that names something; null when it is missing or empty.</summary>
    private static string? Name(JsonElement message, ReadOnlySpan<byte> key) => !message.TryGetProperty(key, out var name) ? null
        : name.ValueKind == JsonValueKind.Number ? name.GetRawText()
        : name.ValueKind == JsonValueKind.String && name.GetString() is { Length: > 0 } text ? text
        : null;

    private readonly record struct Header(string? Writer, string? Publisher, EventTime Time);
}
