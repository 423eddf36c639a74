using System.Globalization;
using System.Text;

namespace EdgeGateway.Operations;

/// <summary>Foreign text as people may be shown it in a terminal, a log or a table.</summary>
internal static class PlainText
{
    /// <summary>The text as one line: nothing in it begins another line, moves the cursor or turns the direction of what follows. Line ends become <c>|</c>, other characters that cannot be seen <c>\uXXXX</c>.</summary>
    public static string Of(string text)
    {
        if (!text.Any(IsUnseen))
        {
            return text;
        }

        var line = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\r' => line,
                '\n' => line.Append(" | "),
                _ when IsUnseen(c) => line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => line.Append(c),
            };
        }

        return line.ToString();
    }

    private static bool IsUnseen(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
