using System.Text.Json;
using EdgeGateway.Phi.Tokenizers;

namespace EdgeGateway.Phi;

/// <summary>
/// A byte pair tokenizer read from Hugging Face's tokenizer.json, exact to the Rust tokenizers library for the families Phi-2, Phi-3, Phi-4-mini and
/// small ones of their forms. Immutable; safe for many threads.
/// </summary>
public sealed class Tokenizer
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "tokenizer.json";

    private const int OnStack = 256;

    private readonly BytePairs pairs;
    private readonly TextForm form;
    private readonly WordPattern? pattern;
    private readonly Metaspace? metaspace;
    private readonly AddedTokens beforeForm;
    private readonly AddedTokens afterForm;
    private readonly (int[] Before, int[] After) template;
    private readonly TokenDecoder decoder;
    private readonly Dictionary<string, int> addedIds;
    private readonly HashSet<int> special;
    private readonly HashSet<string> stripsLeft;
    private readonly HashSet<string> stripsRight;
    private readonly string?[] texts;

    private Tokenizer(TokenizerFile file)
    {
        form = file.ReadNormalizer();
        (pattern, metaspace) = file.ReadPreTokenizer();
        pairs = file.ReadModel(byteLevel: pattern is not null);
        var added = file.ReadAddedTokens(pairs);
        template = file.ReadTemplate();
        decoder = file.ReadDecoder();
        beforeForm = new AddedTokens(added.Where(token => !token.Normalized));
        afterForm = new AddedTokens(added.Where(token => token.Normalized).Select(token => token with { Content = form.Apply(token.Content) }));
        addedIds = added.ToDictionary(token => token.Content, token => token.Id);
        special = [.. added.Where(token => token.Special).Select(token => token.Id)];
        stripsLeft = [.. added.Where(token => token.StripLeft).Select(token => token.Content)];
        stripsRight = [.. added.Where(token => token.StripRight).Select(token => token.Content)];
        texts = new string?[pairs.Vocabulary.Values.Concat(addedIds.Values).Append(-1).Max() + 1];
        foreach (var (text, id) in pairs.Vocabulary.Concat(addedIds))
        {
            texts[id] = text;
        }
    }

    /// <summary>One more than the largest id. A model may have more rows than that, never fewer.</summary>
    public int Size => texts.Length;

    /// <summary>Whether texts are cut into words of bytes (Phi-2, Phi-4-mini), not into characters (Phi-3).</summary>
    internal bool IsByteLevel => pattern is not null;

    /// <summary>Reads tokenizer.json.</summary>
    /// <exception cref="ModelRefusedException">Not JSON, contradictory, or a form whose ids would not be exact.</exception>
    public static Tokenizer Parse(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            using var json = JsonDocument.Parse(utf8Json);
            return new Tokenizer(new TokenizerFile(json.RootElement));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new ModelRefusedException(RefusalReason.TokenizerInvalid, $"{FileName} is not JSON of a tokenizer; take the file from the model's source again.", e);
        }
    }

    /// <summary>The ids of a text.</summary>
    /// <param name="text">Any text; a lone surrogate is read as U+FFFD.</param>
    /// <param name="addSpecialTokens">Puts the ids of the file's template around it, for example a begin token.</param>
    /// <param name="specialAsText">Reads control tokens in the text as plain text: for text from outside.</param>
    public int[] Encode(string text, bool addSpecialTokens, bool specialAsText = false)
    {
        var tokens = new TokenList(stackalloc int[OnStack]);
        Encode(text, atStart: true, specialAsText ? AddedTokenUse.NotSpecial : AddedTokenUse.All, ref tokens);
        int[] ids = addSpecialTokens ? [.. template.Before, .. tokens.Items, .. template.After] : tokens.Items.ToArray();
        tokens.Dispose();
        return ids;
    }

    /// <summary>
    /// The ids of a text without special tokens around it, control tokens in it read as such. Gives their number. Allocates nothing for texts of up to
    /// 256 tokens when the file has no normalizer and no Metaspace.
    /// </summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int Encode(ReadOnlySpan<char> text, Span<int> destination)
    {
        var tokens = new TokenList(stackalloc int[OnStack]);
        Encode(text, atStart: true, AddedTokenUse.All, ref tokens);
        var count = tokens.Count;
        tokens.Items.CopyTo(destination);
        tokens.Dispose();
        return count;
    }

    /// <summary>The ids of a prompt that is put together. Equal to those of the whole text where no data looks like an added token.</summary>
    /// <exception cref="ArgumentException">A control part is no added token of this tokenizer.</exception>
    public int[] Encode(ReadOnlySpan<TextPart> parts)
    {
        var tokens = new TokenList(stackalloc int[OnStack]);
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].IsControl)
            {
                tokens.Add(addedIds.TryGetValue(parts[i].Text, out var id) ? id : throw new ArgumentException($"\"{parts[i].Text}\" is no added token of this tokenizer", nameof(parts)));
                continue;
            }

            var text = parts[i].Text.AsSpan();
            text = i > 0 && stripsRight.Contains(parts[i - 1].Text) ? text.TrimStart() : text;
            text = i + 1 < parts.Length && stripsLeft.Contains(parts[i + 1].Text) ? text.TrimEnd() : text;
            Encode(text, atStart: i == 0, AddedTokenUse.BlanksOnly, ref tokens);
        }

        int[] ids = [.. tokens.Items];
        tokens.Dispose();
        return ids;
    }

    /// <summary>The text of ids; ids without a text give nothing.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if ((uint)id < (uint)texts.Length && texts[id] is { } text && !(skipSpecialTokens && special.Contains(id)))
            {
                tokens.Add(text);
            }
        }

        return decoder.Decode(tokens);
    }

    /// <summary>The id of a token by its exact text as the file writes it.</summary>
    public bool TryGetId(string token, out int id) => addedIds.TryGetValue(token, out id) || pairs.Vocabulary.TryGetValue(token, out id);

    private void Encode(ReadOnlySpan<char> text, bool atStart, AddedTokenUse use, ref TokenList tokens)
    {
        var (scan, done) = (0, 0);
        while (beforeForm.TryFind(text, ref scan, done, use, out var match))
        {
            EncodePiece(text[Math.Min(done, match.Start)..match.Start], atStart && done == 0, use, ref tokens);
            tokens.Add(match.Id);
            done = match.End;
        }

        EncodePiece(text[done..], atStart && done == 0, use, ref tokens);
    }

    private void EncodePiece(ReadOnlySpan<char> piece, bool atStart, AddedTokenUse use, ref TokenList tokens)
    {
        var text = form.IsUnchanged ? piece : form.Apply(piece);
        var (scan, done) = (0, 0);
        while (afterForm.TryFind(text, ref scan, done, use, out var match))
        {
            EncodeWords(text[Math.Min(done, match.Start)..match.Start], atStart && done == 0, ref tokens);
            tokens.Add(match.Id);
            done = match.End;
        }

        EncodeWords(text[done..], atStart && done == 0, ref tokens);
    }

    private void EncodeWords(ReadOnlySpan<char> text, bool atStart, ref TokenList tokens)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (pattern is not null)
        {
            pattern.Split(text, pairs, ref tokens);
        }
        else
        {
            pairs.EncodeCharacters(metaspace is null ? text : metaspace.Apply(text, atStart), ref tokens);
        }
    }
}
