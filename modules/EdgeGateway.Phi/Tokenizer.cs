using System.Text;
using System.Text.Json;

namespace EdgeGateway.Phi;

/// <summary>
/// Byte-pair encoding as a tokenizer.json (Hugging Face tokenizers) describes it: characters, then the merge of the lowest rank first, leftmost on ties. This version runs
/// the plain form without normaliser and pre-tokenizer; others are refused. Added tokens are not searched in text, so text from outside stays text.
/// </summary>
public sealed class Tokenizer
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "tokenizer.json";

    private const int LongestOnStack = 512;
    private readonly Dictionary<string, int> ids;
    private readonly string?[] texts;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> merges;
    private readonly int[] characters;
    private readonly int[] prefix;
    private readonly int unknown;

    private Tokenizer(Dictionary<string, int> ids, Dictionary<(int Left, int Right), (int Rank, int Id)> merges, int[] prefix, int unknown)
    {
        (this.ids, this.merges, this.prefix, this.unknown) = (ids, merges, prefix, unknown);
        texts = new string?[ids.Values.Max() + 1];
        foreach (var (text, id) in ids)
        {
            texts[id] = text;
        }

        characters = [.. Enumerable.Range(0, 128).Select(c => ids.GetValueOrDefault(((char)c).ToString(), -1))];
    }

    /// <summary>Reads the tokenizer.json of a model folder.</summary>
    /// <exception cref="ModelRefusedException">It is missing, malformed, or of a form that is not run.</exception>
    public static Tokenizer Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new ModelRefusedException(RefusalReason.FileMissing, $"{path} is missing.");
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(document.RootElement, path);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ModelRefusedException(RefusalReason.Malformed, $"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Token of this exact text.</summary>
    public bool TryGetId(string token, out int id) => ids.TryGetValue(token, out id);

    /// <summary>Tokens of a text; with the special tokens that the file puts before it.</summary>
    public int[] Encode(string text, bool addSpecialTokens)
    {
        var tokens = new int[text.Length];
        var body = tokens.AsSpan(0, Encode(text, tokens));
        return addSpecialTokens ? [.. prefix, .. body] : body.ToArray();
    }

    /// <summary>Writes the tokens of a text without special tokens and returns how many; nothing is allocated for ASCII texts of up to 512 characters.</summary>
    /// <exception cref="ArgumentException">The destination is too small.</exception>
    public int Encode(ReadOnlySpan<char> text, Span<int> destination)
    {
        var parts = text.Length <= LongestOnStack ? stackalloc int[text.Length] : new int[text.Length];
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            parts[count++] = rune.Value < 128 ? Known(characters[rune.Value]) : Known(ids.GetValueOrDefault(rune.ToString(), -1));
        }

        count = Merge(parts[..count]);
        parts[..count].CopyTo(destination);
        return count;
    }

    /// <summary>The texts of these tokens, one after another.</summary>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var text = new StringBuilder();
        foreach (var token in tokens)
        {
            text.Append(token >= 0 && token < texts.Length ? texts[token] : null);
        }

        return text.ToString();
    }

    private int Known(int id) => id >= 0 ? id : unknown;

    private int Merge(Span<int> parts)
    {
        var ranks = parts.Length <= LongestOnStack ? stackalloc int[parts.Length] : new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            ranks[i] = Rank(parts, i);
        }

        while (true)
        {
            var at = Lowest(ranks[..parts.Length]);
            if (at < 0)
            {
                return parts.Length;
            }

            parts[at] = merges[(parts[at], parts[at + 1])].Id;
            parts[(at + 2)..].CopyTo(parts[(at + 1)..]);
            ranks[(at + 2)..parts.Length].CopyTo(ranks[(at + 1)..]);
            parts = parts[..^1];
            ranks[at] = Rank(parts, at);
            if (at > 0)
            {
                ranks[at - 1] = Rank(parts, at - 1);
            }
        }
    }

    /// <summary>Rank of the merge of a part with the next one; the largest number when there is none.</summary>
    private int Rank(ReadOnlySpan<int> parts, int at) =>
        at + 1 < parts.Length && merges.TryGetValue((parts[at], parts[at + 1]), out var merge) ? merge.Rank : int.MaxValue;

    private static int Lowest(ReadOnlySpan<int> ranks)
    {
        var (best, at) = (int.MaxValue, -1);
        for (var i = 0; i < ranks.Length; i++)
        {
            if (ranks[i] < best)
            {
                (best, at) = (ranks[i], i);
            }
        }

        return at;
    }

    private static Tokenizer Read(JsonElement root, string path)
    {
        var model = root.GetProperty("model");
        var form = model.GetProperty("type").GetString() != "BPE" ? $"model.type is {model.GetProperty("type")}"
            : root.GetProperty("normalizer").ValueKind != JsonValueKind.Null ? "it has a normalizer"
            : root.GetProperty("pre_tokenizer").ValueKind != JsonValueKind.Null ? "it has a pre_tokenizer"
            : model.GetProperty("byte_fallback").GetBoolean() ? "it falls back to bytes"
            : null;
        if (form is not null)
        {
            throw new ModelRefusedException(RefusalReason.Unsupported, $"{path}: {form}; this version runs plain byte-pair encoding only.");
        }

        var ids = model.GetProperty("vocab").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32(), StringComparer.Ordinal);
        foreach (var added in root.GetProperty("added_tokens").EnumerateArray())
        {
            ids[added.GetProperty("content").GetString()!] = added.GetProperty("id").GetInt32();
        }

        var unknown = model.TryGetProperty("unk_token", out var token) && token.GetString() is { } text ? ids[text] : 0;
        return new Tokenizer(ids, Merges(model, ids, path), Prefix(root), unknown);
    }

    private static Dictionary<(int Left, int Right), (int Rank, int Id)> Merges(JsonElement model, Dictionary<string, int> ids, string path)
    {
        var merges = new Dictionary<(int Left, int Right), (int Rank, int Id)>();
        foreach (var merge in model.GetProperty("merges").EnumerateArray())
        {
            var pair = merge.ValueKind == JsonValueKind.String ? merge.GetString()!.Split(' ') : [.. merge.EnumerateArray().Select(p => p.GetString()!)];
            if (pair.Length != 2 || !ids.TryGetValue(pair[0], out var left) || !ids.TryGetValue(pair[1], out var right) || !ids.TryGetValue(pair[0] + pair[1], out var whole))
            {
                throw new ModelRefusedException(RefusalReason.Malformed, $"{path}: merge {merges.Count} ({merge}) names a token that the vocabulary lacks.");
            }

            merges.TryAdd((left, right), (merges.Count, whole));
        }

        return merges;
    }

    /// <summary>The special tokens that a TemplateProcessing post-processor puts before a single text.</summary>
    private static int[] Prefix(JsonElement root)
    {
        if (!root.TryGetProperty("post_processor", out var processor) || processor.ValueKind != JsonValueKind.Object || !processor.TryGetProperty("single", out var single))
        {
            return [];
        }

        return [.. single.EnumerateArray()
            .TakeWhile(p => p.TryGetProperty("SpecialToken", out _))
            .Select(p => p.GetProperty("SpecialToken").GetProperty("id").GetString()!)
            .SelectMany(name => processor.GetProperty("special_tokens").GetProperty(name).GetProperty("ids").EnumerateArray().Select(i => i.GetInt32()))];
    }
}
