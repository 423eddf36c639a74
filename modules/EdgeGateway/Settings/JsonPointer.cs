using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace EdgeGateway.Settings;

/// <summary>A JSON pointer (RFC 6901) into a payload, kept in the form in which a Utf8JsonReader can be compared with it.</summary>
public sealed class JsonPointer
{
    /// <summary>Longest pointer, in characters.</summary>
    public const int MaxLength = 256;

    private readonly string text;

    private JsonPointer(string text, ImmutableArray<string> segments)
    {
        this.text = text;
        Segments = [.. segments.Select(Encoding.UTF8.GetBytes)];
        Indexes = [.. segments.Select(ArrayIndex)];
    }

    /// <summary>The keys from the root inwards, unescaped, in UTF-8. Empty: the whole document.</summary>
    public ImmutableArray<byte[]> Segments { get; }

    /// <summary>For each segment the array index that it also stands for, or -1.</summary>
    public ImmutableArray<int> Indexes { get; }

    /// <summary>Reads a pointer; <paramref name="error"/> says what is wrong and what to write.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPointer? pointer, [NotNullWhen(false)] out string? error)
    {
        pointer = null;
        error = Check(text);
        if (error is not null)
        {
            return false;
        }

        pointer = new JsonPointer(text, [.. text.Split('/').Skip(1).Select(Unescape)]);
        return true;
    }

    /// <summary>The pointer as it was written.</summary>
    public override string ToString() => text;

    private static string? Check(string text)
    {
        if (text.Length > MaxLength)
        {
            return $"has {text.Length} characters; a JSON pointer may have at most {MaxLength}";
        }

        if (text.Length > 0 && text[0] != '/')
        {
            return $"does not start with /; write \"/{text.Replace('.', '/')}\"";
        }

        for (var tilde = text.IndexOf('~', StringComparison.Ordinal); tilde >= 0; tilde = text.IndexOf('~', tilde + 1))
        {
            if (tilde + 1 == text.Length || text[tilde + 1] is not ('0' or '1'))
            {
                return "has a ~ that stands alone; write ~0 for ~ and ~1 for / inside a key";
            }
        }

        return text.Any(char.IsControl) ? "has a control character; remove it" : null;
    }

    // The order matters: ~01 is ~1, not /.
    private static string Unescape(string segment) =>
        segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static int ArrayIndex(string segment) =>
        segment is "0" || (segment is [>= '1' and <= '9', ..] && segment.All(char.IsAsciiDigit))
            ? int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1
            : -1;
}
