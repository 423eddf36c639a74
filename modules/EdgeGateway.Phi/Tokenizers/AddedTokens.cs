using System.Buffers;
using System.Text;

namespace EdgeGateway.Phi.Tokenizers;

/// <summary>A token that is found in the text before anything else is done with it.</summary>
/// <param name="Content">The text looked for.</param>
/// <param name="Id">Its id.</param>
/// <param name="Special">A control token: may be read as plain text.</param>
/// <param name="SingleWord">Only found between characters that belong to no word.</param>
/// <param name="StripLeft">Swallows blanks before it.</param>
/// <param name="StripRight">Swallows blanks behind it.</param>
/// <param name="Normalized">Looked for after normalising, else before.</param>
internal sealed record AddedToken(string Content, int Id, bool Special, bool SingleWord, bool StripLeft, bool StripRight, bool Normalized);

/// <summary>Which added tokens a text may contain.</summary>
internal enum AddedTokenUse
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Those that are no control tokens.</summary>
    NotSpecial,

    /// <summary>Runs of blanks only: some that are not marked as special act as control tokens all the same, as Phi-3's &lt;/s&gt;.</summary>
    BlanksOnly,
}

/// <summary>Finds added tokens in a text: leftmost, the longest among those that begin at one place.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<char, AddedToken[]> byFirst;
    private readonly SearchValues<char> firsts;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        byFirst = tokens.GroupBy(token => token.Content[0]).ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Content.Length).ToArray());
        firsts = SearchValues.Create([.. byFirst.Keys]);
    }

    /// <summary>
    /// The next token from <paramref name="scan"/> on, which moves behind it. Blanks are swallowed backwards down to <paramref name="floor"/>,
    /// the end of the token before.
    /// </summary>
    public bool TryFind(ReadOnlySpan<char> text, ref int scan, int floor, AddedTokenUse use, out Match match)
    {
        while (scan < text.Length && text[scan..].IndexOfAny(firsts) is >= 0 and var ahead)
        {
            var start = scan + ahead;
            if (Longest(text[start..]) is not { } token)
            {
                scan = start + 1;
                continue;
            }

            scan = start + token.Content.Length;
            if (!IsUsed(token, use) || (token.SingleWord && !StandsAlone(text, start, scan)))
            {
                continue;
            }

            match = new Match(token.StripLeft ? Math.Max(floor, text[..start].TrimEnd().Length) : start, token.StripRight ? SkipBlanks(text, scan) : scan, token.Id);
            return true;
        }

        match = default;
        return false;
    }

    private static bool IsUsed(AddedToken token, AddedTokenUse use) => use switch
    {
        AddedTokenUse.All => true,
        AddedTokenUse.NotSpecial => !token.Special,
        _ => token.Content.AsSpan().IsWhiteSpace(),
    };

    private AddedToken? Longest(ReadOnlySpan<char> text)
    {
        foreach (var token in byFirst[text[0]])
        {
            if (text.StartsWith(token.Content, StringComparison.Ordinal))
            {
                return token;
            }
        }

        return null;
    }

    private static int SkipBlanks(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && char.IsWhiteSpace(text[from]))
        {
            from++;
        }

        return from;
    }

    private static bool StandsAlone(ReadOnlySpan<char> text, int start, int end)
    {
        Rune.DecodeLastFromUtf16(text[..start], out var before, out var usedBefore);
        Rune.DecodeFromUtf16(text[end..], out var after, out var usedAfter);
        return (usedBefore == 0 || !IsWord(before)) && (usedAfter == 0 || !IsWord(after));
    }

    /// <summary>What \w means in the Rust library: letters, marks, decimal digits, connectors, joiners.</summary>
    private static bool IsWord(Rune rune) => Rune.IsLetter(rune) || rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune)
        is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark or System.Globalization.UnicodeCategory.EnclosingMark
        or System.Globalization.UnicodeCategory.DecimalDigitNumber or System.Globalization.UnicodeCategory.LetterNumber or System.Globalization.UnicodeCategory.ConnectorPunctuation;

    /// <summary>A token found, with the blanks that it swallows.</summary>
    internal readonly record struct Match(int Start, int End, int Id);
}
