using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace EdgeGateway.Ingest;

/// <summary>What stands at one place of a payload.</summary>
internal enum FoundKind { Absent, Number, Missing, NotANumber, NotFinite, Text }

/// <summary>One found value; <see cref="Name"/> only for sources that take every top-level number.</summary>
internal record struct Found(FoundKind Kind, double Number, string? Name);

/// <summary>
/// Reads one payload in one pass into slots (see <see cref="PayloadMap"/>). Never throws on content. Not thread-safe: one per Ingest stage.
/// JSON is the first payload form; another form is another class with this shape.
/// </summary>
internal sealed class PayloadReader
{
    private readonly List<Found> named = [];
    private Found[] slots = [];
    private EventTime time;
    private bool goodQuality = true;

    /// <summary>Values by slot, after a successful <see cref="Read"/>.</summary>
    public ReadOnlySpan<Found> Slots => slots;

    /// <summary>Top-level numbers by name, for sources that take every one.</summary>
    public List<Found> Named => named;

    /// <summary>The event time that was found.</summary>
    public EventTime Time => time;

    /// <summary>False when the payload says that its values are not good.</summary>
    public bool GoodQuality => goodQuality;

    /// <summary>Reads the whole payload; null = it is well formed.</summary>
    public RejectReason? Read(ReadOnlySpan<byte> payload, PayloadMap map)
    {
        Reset(map);
        if (map.IsBareNumber)
        {
            return ReadBareNumber(payload, map);
        }

        if (!Utf8.IsValid(payload))
        {
            return RejectReason.Malformed;
        }

        try
        {
            var json = new Utf8JsonReader(payload);
            if (!json.Read() || json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                return RejectReason.Malformed;
            }

            ReadContainer(ref json, map.Root, map, topLevel: true);
            return json.Read() ? RejectReason.Malformed : null;
        }
        catch (Exception foreign) when (foreign is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped lone surrogate, which the reader finds only when the text is looked at
            return RejectReason.Malformed;
        }
    }

    private void Reset(PayloadMap map)
    {
        if (slots.Length < map.SlotCount)
        {
            slots = new Found[map.SlotCount];
        }

        Array.Clear(slots);
        named.Clear();
        time = default;
        goodQuality = map.Source.Quality is null;
    }

    private RejectReason? ReadBareNumber(ReadOnlySpan<byte> payload, PayloadMap map)
    {
        var text = payload.Trim(" \t\r\n"u8);
        if (Utf8Parser.TryParse(text, out double number, out var used) && used == text.Length)
        {
            slots[0] = Number(number, map);
            return null;
        }

        var unquoted = text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : text;
        if (text.SequenceEqual("null"u8))
        {
            slots[0] = new Found(FoundKind.Missing, double.NaN, null);
            return null;
        }

        return State(unquoted, map) is { } state && (slots[0] = state).Kind == FoundKind.Number ? null : RejectReason.Malformed;
    }

    private void ReadContainer(ref Utf8JsonReader json, PayloadMap.Node node, PayloadMap map, bool topLevel)
    {
        var isArray = json.TokenType == JsonTokenType.StartArray;
        for (var position = 0; json.Read() && json.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray); position++)
        {
            var child = isArray ? node.ChildAt(position) : Match(ref json, node);
            var name = child is null && topLevel && map.Source.AllValues && !isArray ? json.GetString() : null;
            if (!isArray)
            {
                json.Read();
            }

            ReadValue(ref json, child, name, map);
        }
    }

    private static PayloadMap.Node? Match(ref Utf8JsonReader json, PayloadMap.Node node)
    {
        foreach (var child in node.Children)
        {
            if (json.ValueTextEquals(child.Name))
            {
                return child;
            }
        }

        return null;
    }

    private void ReadValue(ref Utf8JsonReader json, PayloadMap.Node? node, string? name, PayloadMap map)
    {
        if (node is not null)
        {
            foreach (var slot in node.Slots)
            {
                ReadSlot(ref json, slot, map);
            }

            if (node.Children.Count > 0 && json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                ReadContainer(ref json, node, map, topLevel: false);
                return;
            }
        }
        else if (name is not null && json.TokenType is JsonTokenType.Number or JsonTokenType.Null)
        {
            named.Add(Value(ref json, map) with { Name = name });
        }

        json.Skip();
    }

    private void ReadSlot(ref Utf8JsonReader json, int slot, PayloadMap map)
    {
        if (slot == map.TimeSlot)
        {
            time = EventTime.Read(ref json, map.Source.Zone);
        }
        else if (slot == map.QualitySlot)
        {
            goodQuality = json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)
                && map.Source.Quality!.Good.Contains(json.TokenType == JsonTokenType.String ? json.GetString()! : Encoding.UTF8.GetString(json.ValueSpan));
        }
        else
        {
            slots[slot] = Value(ref json, map);
        }
    }

    private static Found Value(ref Utf8JsonReader json, PayloadMap map) => json.TokenType switch
    {
        JsonTokenType.Number => json.TryGetDouble(out var number) ? Number(number, map) : new Found(FoundKind.NotFinite, 0, null),
        JsonTokenType.Null => new Found(FoundKind.Missing, double.NaN, null),
        JsonTokenType.String when json.ValueIsEscaped => EscapedState(ref json, map),
        JsonTokenType.String or JsonTokenType.True or JsonTokenType.False => State(json.ValueSpan, map),
        _ => new Found(FoundKind.NotANumber, 0, null),
    };

    internal static Found Number(double number, PayloadMap map) =>
        !double.IsFinite(number) ? new Found(FoundKind.NotFinite, 0, null)
        : map.Source.Invalid.Contains(number) ? new Found(FoundKind.Missing, double.NaN, null)
        : new Found(FoundKind.Number, number, null);

    private static Found EscapedState(ref Utf8JsonReader json, PayloadMap map)
    {
        try
        {
            return State(Encoding.UTF8.GetBytes(json.GetString()!), map);
        }
        catch (InvalidOperationException)
        {
            // an escaped lone surrogate: no text, and no reason to lose the values beside it
            return new Found(FoundKind.NotANumber, 0, null);
        }
    }

    internal static Found State(ReadOnlySpan<byte> text, PayloadMap map)
    {
        foreach (var (state, number) in map.States)
        {
            if (text.SequenceEqual(state))
            {
                return new Found(FoundKind.Number, number, null);
            }
        }

        return new Found(FoundKind.NotANumber, 0, null);
    }
}
