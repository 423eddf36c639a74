using System.Text.Json;

namespace EdgeGateway.ModelKit.Commands;

/// <summary>A line of a golden file: a text, how it was encoded, and what the original tokenizer made of it.</summary>
/// <param name="Decoded">Text of the ids with special tokens.</param>
/// <param name="DecodedSkip">Text of the ids without special tokens.</param>
internal sealed record GoldenLine(string Text, bool AddSpecial, bool SpecialAsText, int[] Ids, string Decoded, string DecodedSkip)
{
    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is not of the form; the message says in what, without file and line.</exception>
    public static GoldenLine Parse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var fields = json.RootElement;
            return new GoldenLine(
                Get(fields, "text", f => f.GetString()!), Get(fields, "add_special", f => f.GetBoolean()), Get(fields, "special_as_text", f => f.GetBoolean()),
                Get(fields, "ids", f => f.EnumerateArray().Select(id => id.GetInt32()).ToArray()), Get(fields, "decoded", f => f.GetString()!), Get(fields, "decoded_skip", f => f.GetString()!));
        }
        catch (JsonException e)
        {
            throw new FormatException("is not JSON", e);
        }
    }

    private static T Get<T>(JsonElement fields, string name, Func<JsonElement, T> read)
    {
        try
        {
            return fields.GetProperty(name) is { ValueKind: not JsonValueKind.Null } field ? read(field) : throw new FormatException();
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new FormatException($"has no \"{name}\" of the right kind", e);
        }
    }
}
