namespace EdgeGateway.Phi.Tokenizers;

/// <summary>Rewrites a piece of text before it is cut into tokens: a text put in front, characters replaced.</summary>
/// <param name="Prefix">Put in front of every piece that is not empty.</param>
/// <param name="Replacements">Then applied one after the other.</param>
internal sealed record TextForm(string Prefix, IReadOnlyList<(string From, string To)> Replacements)
{
    public static TextForm Unchanged { get; } = new("", []);

    public bool IsUnchanged => Prefix.Length == 0 && Replacements.Count == 0;

    public string Apply(ReadOnlySpan<char> piece)
    {
        var text = piece.IsEmpty ? "" : string.Concat(Prefix, piece);
        foreach (var (from, to) in Replacements)
        {
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return text;
    }
}

/// <summary>The newer Llama form: blanks become a mark, and the text gets one in front unless it begins with it.</summary>
/// <param name="Mark">Mostly U+2581.</param>
/// <param name="Prefixed">Which pieces get the mark in front.</param>
internal sealed record Metaspace(char Mark, PrefixScheme Prefixed)
{
    public string Apply(ReadOnlySpan<char> piece, bool atStart)
    {
        var text = piece.ToString().Replace(' ', Mark);
        var wanted = Prefixed == PrefixScheme.Always || (Prefixed == PrefixScheme.First && atStart);
        return wanted && !text.StartsWith(Mark) ? Mark + text : text;
    }
}

/// <summary>prepend_scheme of a Metaspace.</summary>
internal enum PrefixScheme
{
    Never,
    First,
    Always,
}
