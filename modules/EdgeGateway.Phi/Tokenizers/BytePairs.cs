using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace EdgeGateway.Phi.Tokenizers;

/// <summary>
/// Byte pair encoding of one word: its symbols are merged pair by pair, the pair of the lowest rank first, the leftmost among equals, as the Rust
/// tokenizers library does.
/// </summary>
internal sealed class BytePairs
{
    private const int OnStack = 256;
    private const int Gone = -1;

    private readonly FrozenDictionary<string, int> vocabulary;
    private readonly Dictionary<ulong, Merge> merges;
    private readonly FrozenDictionary<int, int> runes;
    private readonly int[]? byteTokens;
    private readonly int? unknown;
    private readonly bool fuseUnknown;

    /// <param name="vocabulary">Token text to id.</param>
    /// <param name="merges">Pair (left id in the upper half) to rank and resulting id.</param>
    /// <param name="byteTokens">Id of each of the 256 bytes, or null when there are none.</param>
    /// <param name="unknown">Id for what nothing else fits; null drops it.</param>
    /// <param name="fuseUnknown">Several unknown symbols in a row give one id.</param>
    public BytePairs(FrozenDictionary<string, int> vocabulary, Dictionary<ulong, Merge> merges, int[]? byteTokens, int? unknown, bool fuseUnknown)
    {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.byteTokens = byteTokens;
        this.unknown = unknown;
        this.fuseUnknown = fuseUnknown;
        runes = vocabulary.Where(token => token.Key.Length is 1 or 2 && Rune.DecodeFromUtf16(token.Key, out _, out var used) == OperationStatus.Done && used == token.Key.Length)
            .ToFrozenDictionary(token => Rune.GetRuneAt(token.Key, 0).Value, token => token.Value);
    }

    public FrozenDictionary<string, int> Vocabulary => vocabulary;

    public static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    /// <summary>The symbols are the word's characters; one that is no token falls back to its UTF-8 bytes, then to the unknown token.</summary>
    public void EncodeCharacters(ReadOnlySpan<char> word, ref TokenList tokens)
    {
        var symbols = new TokenList(stackalloc int[OnStack]);
        var afterUnknown = false;
        foreach (var rune in word.EnumerateRunes())
        {
            var known = runes.TryGetValue(rune.Value, out var id);
            if (known)
            {
                symbols.Add(id);
            }
            else if (byteTokens is not null)
            {
                AddBytes(rune, ref symbols);
            }
            else if (unknown is { } fallback && !(afterUnknown && fuseUnknown))
            {
                symbols.Add(fallback);
            }

            afterUnknown = !known && byteTokens is null;
        }

        MergeAll(symbols.Items, ref tokens);
        symbols.Dispose();
    }

    /// <summary>The symbols are the bytes of the word in UTF-8.</summary>
    public void EncodeBytes(ReadOnlySpan<char> word, ref TokenList tokens)
    {
        var symbols = new TokenList(stackalloc int[OnStack]);
        foreach (var rune in word.EnumerateRunes())
        {
            AddBytes(rune, ref symbols);
        }

        MergeAll(symbols.Items, ref tokens);
        symbols.Dispose();
    }

    private void AddBytes(Rune rune, ref TokenList symbols)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
        {
            symbols.Add(byteTokens![value]);
        }
    }

    private void MergeAll(scoped Span<int> symbols, ref TokenList tokens)
    {
        if (symbols.Length > 1)
        {
            if (symbols.Length <= OnStack)
            {
                MergeAll(symbols, stackalloc int[2 * symbols.Length], stackalloc ulong[3 * symbols.Length]);
            }
            else
            {
                var links = ArrayPool<int>.Shared.Rent(2 * symbols.Length);
                var heap = ArrayPool<ulong>.Shared.Rent(3 * symbols.Length);
                MergeAll(symbols, links, heap);
                ArrayPool<int>.Shared.Return(links);
                ArrayPool<ulong>.Shared.Return(heap);
            }
        }

        foreach (var symbol in symbols)
        {
            if (symbol != Gone)
            {
                tokens.Add(symbol);
            }
        }
    }

    /// <summary>links holds the neighbours of each symbol; a merge pushes at most two new pairs, so three places a symbol are enough for the heap.</summary>
    private void MergeAll(Span<int> symbols, Span<int> links, Span<ulong> heap)
    {
        var before = links[..symbols.Length];
        var after = links[symbols.Length..];
        var queue = new MergeQueue(heap);
        for (var i = 0; i < symbols.Length; i++)
        {
            before[i] = i - 1;
            after[i] = i + 1 < symbols.Length ? i + 1 : Gone;
            Offer(ref queue, symbols, i, after[i]);
        }

        while (queue.TryPop(out var rank, out var left))
        {
            var right = symbols[left] == Gone ? Gone : after[left];
            if (right == Gone || !merges.TryGetValue(Pair(symbols[left], symbols[right]), out var merge) || merge.Rank != rank)
            {
                continue;
            }

            symbols[left] = merge.Id;
            symbols[right] = Gone;
            after[left] = after[right];
            if (after[left] != Gone)
            {
                before[after[left]] = left;
            }

            Offer(ref queue, symbols, before[left], left);
            Offer(ref queue, symbols, left, after[left]);
        }
    }

    private void Offer(ref MergeQueue queue, ReadOnlySpan<int> symbols, int left, int right)
    {
        if (left != Gone && right != Gone && merges.TryGetValue(Pair(symbols[left], symbols[right]), out var merge))
        {
            queue.Push(merge.Rank, left);
        }
    }

    internal readonly record struct Merge(int Rank, int Id);
}
