using System.Text.Json;
using System.Text.Unicode;

namespace EdgeGateway.Settings;

/// <summary>Bytes to JSON. After it every text in the element can be read without an exception.</summary>
internal static class SettingsJson
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static JsonElement? Parse(ReadOnlyMemory<byte> json, string origin, SettingsReport report)
    {
        var bytes = json.Span;
        if (bytes.StartsWith(ByteOrderMark))
        {
            bytes = bytes[ByteOrderMark.Length..];
        }

        var problem = Check(bytes);
        if (problem is not null)
        {
            report.Error(new SettingsPlace(origin, ""), problem);
            return null;
        }

        return JsonElement.Parse(bytes);
    }

    private static string? Check(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            return "is not UTF-8 text; save it as UTF-8";
        }

        if (bytes.Trim(" \t\r\n"u8).IsEmpty)
        {
            return "is empty; write at least schema, gateway, broker and sources";
        }

        return CheckTokens(bytes);
    }

    private static string? CheckTokens(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }

            return null;
        }
        catch (JsonException e)
        {
            return $"is not plain JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: {Reason(e)}";
        }
        catch (InvalidOperationException)
        {
            var before = bytes[..(int)reader.TokenStartIndex];
            return $"has half a surrogate pair at line {before.Count((byte)'\n') + 1}, column {before.Length - before.LastIndexOf((byte)'\n')}; "
                + "write the character itself instead of \\u escapes";
        }
    }

    // The parser's own words, without its position and its advice to programmers.
    private static string Reason(JsonException e)
    {
        if (e.Message.Contains("trailing comma", StringComparison.Ordinal))
        {
            return "there is a comma after the last entry; remove it";
        }

        if (e.Message.StartsWith("'/'", StringComparison.Ordinal))
        {
            return "there is a comment or a stray /; remove it";
        }

        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? e.Message : e.Message[..end]).TrimEnd('.');
    }
}
