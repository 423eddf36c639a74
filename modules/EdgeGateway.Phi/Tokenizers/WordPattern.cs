using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EdgeGateway.Phi.Tokenizers;

/// <summary>
/// Cuts a text into words by one of the two known patterns. A pattern from a file is only compared, never run: a foreign one could
/// take for ever. .NET's classes see surrogates instead of characters beyond U+FFFF, so such a character is shown to the pattern as one of its kind.
/// </summary>
internal sealed partial class WordPattern(Regex pattern)
{
    private const string Gpt4oText =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>GPT-2 and Phi-2.</summary>
    public static WordPattern Gpt2 { get; } = new(Gpt2Regex());

    /// <summary>GPT-4o and Phi-4-mini.</summary>
    public static WordPattern Gpt4o { get; } = new(Gpt4oRegex());

    /// <summary>The pattern that a tokenizer file writes out, or null when it is not known.</summary>
    public static WordPattern? Known(string text) => text == Gpt4oText ? Gpt4o : null;

    /// <summary>Calls back for each word, in order; together they are the whole text.</summary>
    public void Split(ReadOnlySpan<char> text, BytePairs pairs, ref TokenList tokens)
    {
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0)
        {
            SplitBeyondBasicPlane(text, pairs, ref tokens);
            return;
        }

        var done = 0;
        foreach (var match in pattern.EnumerateMatches(text))
        {
            Encode(text[done..match.Index], pairs, ref tokens);
            Encode(text.Slice(match.Index, match.Length), pairs, ref tokens);
            done = match.Index + match.Length;
        }

        Encode(text[done..], pairs, ref tokens);
    }

    private void SplitBeyondBasicPlane(ReadOnlySpan<char> text, BytePairs pairs, ref TokenList tokens)
    {
        var shown = new char[text.Length];
        var starts = new int[text.Length + 1];
        var (count, at) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            shown[count] = rune.IsBmp ? (char)rune.Value : StandIn(rune);
            starts[count++] = at;
            at += rune.Utf16SequenceLength;
        }

        starts[count] = at;
        var done = 0;
        foreach (var match in pattern.EnumerateMatches(shown.AsSpan(0, count)))
        {
            Encode(text[starts[done]..starts[match.Index]], pairs, ref tokens);
            done = match.Index + match.Length;
            Encode(text[starts[match.Index]..starts[done]], pairs, ref tokens);
        }

        Encode(text[starts[done]..], pairs, ref tokens);
    }

    private static void Encode(ReadOnlySpan<char> word, BytePairs pairs, ref TokenList tokens)
    {
        if (!word.IsEmpty)
        {
            pairs.EncodeBytes(word, ref tokens);
        }
    }

    /// <summary>A character of the basic plane of the same general category; none of those that the patterns name.</summary>
    private static char StandIn(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter => '\u00C0',
        UnicodeCategory.LowercaseLetter => '\u00E0',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u3042',
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => '\u0301',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '\u00B2',
        _ => '\u263A',
    };

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Gpt2Regex();

    [GeneratedRegex(Gpt4oText, RegexOptions.CultureInvariant)]
    private static partial Regex Gpt4oRegex();
}
