using System.Globalization;
using System.Text;

namespace EdgeGateway.Operations;

/// <summary>Foreign text as people may be shown it in a terminal, a log or a table.</summary>
internal static class PlainText
{
    /// <summary>The text as one line: nothing in it begins another line, moves the cursor or turns the direction of what follows. Line ends become <c>|</c>, other characters that cannot be seen <c>\uXXXX</c>.</summary>
    public static string Of(string text)
    {
        if (!text.EnumerateRunes().Any(IsUnseen))
        {
            return text;
        }

        var line = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\r' => line,
                '\n' => line.Append(" | "),
                _ when IsUnseen(rune) => line.AppendJoin("", rune.ToString().Select(c => $"\\u{(int)c:x4}")),
                _ => line.Append(rune.ToString()),
            };
        }

        return line.ToString();
    }

    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
