using System.Collections.Frozen;
using System.Text.Json;
using Merge = EdgeGateway.Phi.Tokenizers.BytePairs.Merge;

namespace EdgeGateway.Phi.Tokenizers;

/// <summary>
/// Reads the parts of tokenizer.json. Whatever would change ids and is not known is refused. "truncation" and "padding" are left out: they are
/// leftovers of training, and the engine sees to lengths itself.
/// </summary>
internal sealed class TokenizerFile(JsonElement root)
{
    private const int LargestId = 1 << 22;
    private const int LargestGrowth = 64;

    /// <summary>
    /// The ids are given as the Rust library gives them: a token that the vocabulary has keeps that id, the others follow after it one by one,
    /// whatever the file says.
    /// </summary>
    public AddedToken[] ReadAddedTokens(BytePairs model)
    {
        if (!TryGet(root, "added_tokens", out var list))
        {
            return [];
        }

        var next = model.Vocabulary.Count;
        var known = new HashSet<string>();
        var taken = model.Vocabulary.Values.ToHashSet();
        var tokens = new List<AddedToken>();
        foreach (var token in list.EnumerateArray())
        {
            var content = token.GetProperty("content").GetString() is { Length: > 0 } text ? text : throw Invalid("an added token has no content");
            if (!known.Add(content))
            {
                throw Invalid($"the added token \"{content}\" occurs twice");
            }

            var id = model.Vocabulary.TryGetValue(content, out var own) ? own : taken.Contains(next) ? throw Invalid($"the added token \"{content}\" gets the id {next} of another one") : next;
            next = Math.Max(next, id + 1);
            tokens.Add(new AddedToken(content, id, Flag(token, "special"), Flag(token, "single_word"), Flag(token, "lstrip"), Flag(token, "rstrip"), Flag(token, "normalized")));
        }

        return [.. tokens];
    }

    public BytePairs ReadModel(bool byteLevel)
    {
        var model = root.GetProperty("model");
        if (Text(model, "type") is var type && type != "BPE" && !(type.Length == 0 && TryGet(model, "merges", out _)))
        {
            throw Unsupported($"model.type {type}", "only BPE");
        }

        if (Text(model, "continuing_subword_prefix").Length + Text(model, "end_of_word_suffix").Length > 0 || TryGet(model, "dropout", out _) || Flag(model, "ignore_merges"))
        {
            throw Unsupported("continuing_subword_prefix, end_of_word_suffix, dropout or ignore_merges of the model", "only models without them");
        }

        var vocabulary = model.GetProperty("vocab").EnumerateObject().ToDictionary(token => token.Name, token => CheckedId(token.Value.GetInt32()));
        if (vocabulary.Values.Distinct().Count() != vocabulary.Count)
        {
            throw Invalid("two tokens of the vocabulary have the same id");
        }

        var unknown = Text(model, "unk_token") is { Length: > 0 } text
            ? vocabulary.TryGetValue(text, out var id) ? id : throw Invalid($"unk_token \"{text}\" is not in the vocabulary")
            : (int?)null;
        var bytes = byteLevel ? ByteTokens(vocabulary, value => ByteAlphabet.Character((byte)value).ToString())
            : Flag(model, "byte_fallback") ? ByteTokens(vocabulary, TokenDecoder.ByteToken)
            : null;
        return new BytePairs(vocabulary.ToFrozenDictionary(), ReadMerges(model, vocabulary), bytes, unknown, Flag(model, "fuse_unk"));
    }

    public TextForm ReadNormalizer()
    {
        if (!TryGet(root, "normalizer", out var normalizer))
        {
            return TextForm.Unchanged;
        }

        var form = TextForm.Unchanged;
        foreach (var step in Steps(normalizer, "normalizers"))
        {
            form = Text(step, "type") switch
            {
                // a prefix put in front of replaced text would itself be replaced here
                "Prepend" when form.IsUnchanged => form with { Prefix = Text(step, "prepend") },
                "Replace" => form with { Replacements = [.. form.Replacements, Replacement(step)] },
                var type => throw Unsupported($"normalizer {type}", "only Prepend and Replace"),
            };
        }

        // each replacement works on what the ones before made: a few short ones could make a text of any length
        var growth = form.Replacements.Aggregate((double)form.Prefix.Length + 1, (product, step) => product * Math.Max(1, (double)step.To.Length / step.From.Length));
        return growth <= LargestGrowth ? form : throw Unsupported($"a normalizer that makes texts {growth:0} times as long", $"at most {LargestGrowth}");
    }

    /// <summary>How text is cut into words: by a pattern into byte-level words, by blanks made visible, or not at all.</summary>
    public (WordPattern? Pattern, Metaspace? Metaspace) ReadPreTokenizer()
    {
        if (!TryGet(root, "pre_tokenizer", out var splitter))
        {
            return (null, null);
        }

        var steps = Steps(splitter, "pretokenizers");
        return steps.Select(step => Text(step, "type")).ToArray() switch
        {
            ["Metaspace"] => (null, ReadMetaspace(steps[0])),
            ["ByteLevel"] when Flag(steps[0], "use_regex", true) && !Flag(steps[0], "add_prefix_space", true) => (WordPattern.Gpt2, null),
            ["Split", "ByteLevel"] when !Flag(steps[1], "use_regex", true) && !Flag(steps[1], "add_prefix_space", true) => (ReadSplit(steps[0]), null),
            var types => throw Unsupported($"pre_tokenizer {string.Join(" + ", types)} with these flags", "only Metaspace, ByteLevel, and Split + ByteLevel without prefix space"),
        };
    }

    /// <summary>Ids put before and after a text.</summary>
    public (int[] Before, int[] After) ReadTemplate()
    {
        // ByteLevel only moves the places of words, which are not kept here
        var steps = TryGet(root, "post_processor", out var all) ? Array.FindAll(Steps(all, "processors"), step => Text(step, "type") != "ByteLevel") : [];
        if (steps is not [var processor])
        {
            return steps.Length == 0 ? ([], []) : throw Unsupported("several post_processors", "only one TemplateProcessing, with or without ByteLevel");
        }

        if (Text(processor, "type") != "TemplateProcessing")
        {
            throw Unsupported($"post_processor {Text(processor, "type")}", "only TemplateProcessing and ByteLevel");
        }

        var parts = processor.GetProperty("single").EnumerateArray().ToArray();
        var text = Array.FindIndex(parts, part => part.TryGetProperty("Sequence", out _));
        return text >= 0
            ? (TemplateIds(processor, parts[..text]), TemplateIds(processor, parts[(text + 1)..]))
            : throw Invalid("post_processor.single has no place for the text");
    }

    public TokenDecoder ReadDecoder()
    {
        if (!TryGet(root, "decoder", out var decoder))
        {
            return new TokenDecoder([]);
        }

        return new TokenDecoder(Steps(decoder, "decoders").Select<JsonElement, Func<List<string>, List<string>>>(step =>
        {
            switch (Text(step, "type"))
            {
                case "ByteLevel":
                    return TokenDecoder.FromByteAlphabet;
                case "ByteFallback":
                    return TokenDecoder.JoinBytes;
                case "Fuse":
                    return TokenDecoder.Fuse;
                case "Replace":
                    var (from, to) = Replacement(step);
                    return tokens => TokenDecoder.Replace(tokens, from, to);
                case "Strip" when Text(step, "content") is [var content]:
                    var (start, stop) = (step.GetProperty("start").GetInt32(), step.GetProperty("stop").GetInt32());
                    return tokens => TokenDecoder.Strip(tokens, content, start, stop);
                default:
                    throw Unsupported($"decoder {Text(step, "type")}", "only ByteLevel, ByteFallback, Fuse, Replace and Strip");
            }
        }).ToArray());
    }

    private static Dictionary<ulong, Merge> ReadMerges(JsonElement model, Dictionary<string, int> vocabulary)
    {
        var merges = new Dictionary<ulong, Merge>();
        var rank = 0;
        foreach (var merge in model.GetProperty("merges").EnumerateArray())
        {
            // older files write "left right", newer ones a pair
            var parts = merge.ValueKind == JsonValueKind.String ? merge.GetString()!.Split(' ') : merge.EnumerateArray().Select(part => part.GetString()!).ToArray();
            if (parts is not [var left, var right] || !vocabulary.TryGetValue(left, out var leftId) || !vocabulary.TryGetValue(right, out var rightId)
                || !vocabulary.TryGetValue(left + right, out var id))
            {
                throw Invalid($"merge {rank} ({merge.GetRawText()}) names a token that is not in the vocabulary");
            }

            merges[BytePairs.Pair(leftId, rightId)] = new Merge(rank++, id);
        }

        return merges;
    }

    private static int[] ByteTokens(Dictionary<string, int> vocabulary, Func<int, string> name) => Enumerable.Range(0, 256)
        .Select(value => vocabulary.TryGetValue(name(value), out var id) ? id : throw Invalid($"the vocabulary lacks the byte {name(value)}")).ToArray();

    private static Metaspace ReadMetaspace(JsonElement step)
    {
        var scheme = Text(step, "prepend_scheme") switch
        {
            "first" => PrefixScheme.First,
            "always" or "" => PrefixScheme.Always,
            "never" => PrefixScheme.Never,
            var other => throw Unsupported($"prepend_scheme {other}", "only first, always and never"),
        };
        return Text(step, "replacement") is [var mark] && !Flag(step, "split", true) ? new Metaspace(mark, scheme) : throw Unsupported("a Metaspace that splits", "only split: false");
    }

    private static WordPattern ReadSplit(JsonElement step)
    {
        var keepsAll = (Text(step, "behavior"), Flag(step, "invert")) is ("Removed", true) or ("Isolated", false);
        return keepsAll && TryGet(step.GetProperty("pattern"), "Regex", out var pattern) && WordPattern.Known(pattern.GetString()!) is { } known
            ? known
            : throw Unsupported("a Split with a pattern that is not known", "only the one of GPT-4o and Phi-4-mini");
    }

    private static (string From, string To) Replacement(JsonElement step) =>
        TryGet(step.GetProperty("pattern"), "String", out var from) && from.GetString() is { Length: > 0 } text
            ? (text, Text(step, "content"))
            : throw Unsupported("a Replace by a regular expression", "only plain strings");

    private static int[] TemplateIds(JsonElement processor, JsonElement[] parts) => parts
        .SelectMany(part => processor.GetProperty("special_tokens").GetProperty(part.GetProperty("SpecialToken").GetProperty("id").GetString()!).GetProperty("ids").EnumerateArray())
        .Select(id => CheckedId(id.GetInt32())).ToArray();

    private static JsonElement[] Steps(JsonElement element, string list) => Text(element, "type") == "Sequence" ? [.. element.GetProperty(list).EnumerateArray()] : [element];

    private static bool TryGet(JsonElement element, string name, out JsonElement value) => element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private static bool Flag(JsonElement element, string name, bool fallback = false) => TryGet(element, name, out var value) ? value.GetBoolean() : fallback;

    private static string Text(JsonElement element, string name) => TryGet(element, name, out var value) ? value.GetString()! : "";

    private static int CheckedId(int id) => id is >= 0 and < LargestId ? id : throw Invalid($"the token id {id} is out of bounds");

    private static ModelRefusedException Invalid(string what) => new(RefusalReason.TokenizerInvalid, $"{Tokenizer.FileName}: {what}; take the file from the model's source again.");

    private static ModelRefusedException Unsupported(string what, string known) =>
        new(RefusalReason.TokenizerUnsupported, $"{Tokenizer.FileName} asks for {what}, which this engine does not know ({known}); use a model with another tokenizer.");
}
