using System.Text.Json;

namespace EdgeGateway.Phi;

/// <summary>An object inside a JSON file, read field by field; whatever is missing or out of bounds is refused by its full name.</summary>
internal sealed class JsonSection
{
    private readonly string file;
    private readonly string path;
    private readonly JsonElement element;

    private JsonSection(string file, string path, JsonElement element)
    {
        this.file = file;
        this.path = path;
        this.element = element;
    }

    public static JsonSection Parse(string file, ReadOnlyMemory<byte> json)
    {
        try
        {
            CheckTexts(json.Span);
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonSection(file, "", document.RootElement.Clone())
                : throw new ModelRefusedException(RefusalReason.ConfigInvalid, $"{file} is not a JSON object; take the file from the model's source again.");
        }
        catch (JsonException e)
        {
            throw new ModelRefusedException(RefusalReason.ConfigInvalid, $"{file} is not JSON (line {e.LineNumber + 1}); take the file from the model's source again.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new ModelRefusedException(RefusalReason.ConfigInvalid, $"{file} holds a text that is no Unicode; take the file from the model's source again.", e);
        }
    }

    /// <summary>A document may hold invalid UTF-8 and lone surrogates, over which every later reader of a name or text would stumble.</summary>
    private static void CheckTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            _ = reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String ? reader.GetString() : null;
        }
    }

    public bool Has(string name) => element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public JsonSection Section(string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
        ? new JsonSection(file, path + name + ".", value)
        : throw Refuse(name, "is missing or not an object");

    /// <summary>A whole number within bounds; null in the file or absence gives the fallback, or is refused without one.</summary>
    public int Integer(string name, int minimum, int maximum, int? fallback = null)
    {
        if (!Has(name))
        {
            return fallback ?? throw Refuse(name, "is missing");
        }

        return element.GetProperty(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) && number >= minimum && number <= maximum
            ? (int)number
            : throw Refuse(name, $"is {element.GetProperty(name).GetRawText()}, not a whole number between {minimum} and {maximum}");
    }

    public double Number(string name, double fallback)
    {
        if (!Has(name))
        {
            return fallback;
        }

        return element.GetProperty(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number) && number > 0
            ? number
            : throw Refuse(name, "is not a number above 0");
    }

    public bool Flag(string name, bool fallback) => Has(name)
        ? element.GetProperty(name).ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Refuse(name, "is not true or false"),
        }
        : fallback;

    public string Text(string name, string? fallback = null)
    {
        if (!Has(name))
        {
            return fallback ?? throw Refuse(name, "is missing");
        }

        return element.GetProperty(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Refuse(name, "is not a text");
    }

    /// <summary>One number or a list of numbers; absence gives an empty list.</summary>
    public int[] IntegerList(string name, int minimum, int maximum)
    {
        if (!Has(name))
        {
            return [];
        }

        var value = element.GetProperty(name);
        var items = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        return Array.ConvertAll(items, item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number) && number >= minimum && number <= maximum
            ? number
            : throw Refuse(name, $"holds {item.GetRawText()}, not a whole number between {minimum} and {maximum}"));
    }

    public ModelRefusedException Refuse(string name, string what, RefusalReason reason = RefusalReason.ConfigInvalid) =>
        new(reason, $"{file}: {path}{name} {what}; correct the file or take it from the model's source again.");
}
