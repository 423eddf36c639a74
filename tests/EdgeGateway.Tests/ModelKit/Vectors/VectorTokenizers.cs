using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Phi.Tokenizers;

namespace EdgeGateway.Tests.ModelKit.Vectors;

/// <summary>The text of small tokenizer.json files in the forms of Phi-2, Phi-3 and Phi-4-mini, by the name of their folder.</summary>
internal static class VectorTokenizers
{
    private const string Gpt4oPattern =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>By rank; _ stands for the blank. Several may apply to one place, so that the order counts.</summary>
    private static readonly string[] Merges =
    [
        "h e", "_ t", "e r", "i n", "_t he", "_ s", "e n", "o r", "_s en", "s or", "_sen sor", "_ n", "_n or", "m a", "_nor ma", "_norma l", "a l", "r e", "_ _", "__ __", "e s", "_t e", "n d", "o n",
    ];

    public static IReadOnlyDictionary<string, Func<string>> All { get; } = new Dictionary<string, Func<string>>
    {
        ["byte-fallback"] = ByteFallback,
        ["byte-level"] = ByteLevel,
        ["byte-level-split"] = ByteLevelSplit,
    };

    /// <summary>Phi-3: characters, bytes for those that are unknown, a blank put in front of every piece; merges as strings.</summary>
    private static string ByteFallback()
    {
        string[] merges = [.. Merges.Select(merge => merge.Replace('_', '▁'))];
        string[] first = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(TokenDecoder.ByteToken), .. string.Concat(merges).Replace(" ", "", StringComparison.Ordinal).Distinct().Select(character => character.ToString())];
        var vocabulary = Vocabulary(first, merges);
        return Text(
            [
                Added(0, "<unk>", special: true), Added(1, "<s>", special: true), Added(2, "</s>", rstrip: true),
                Added(vocabulary.Count, "<|end|>", special: true, rstrip: true), Added(vocabulary.Count + 1, "<|user|>", special: true, rstrip: true), Added(vocabulary.Count + 2, "[gap]", lstrip: true, singleWord: true),
            ],
            normalizer: Parse("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""),
            preTokenizer: null,
            postProcessor: Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}"""),
            decoder: Parse("""{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}"""),
            new JsonObject { ["type"] = "BPE", ["unk_token"] = "<unk>", ["fuse_unk"] = true, ["byte_fallback"] = true, ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. merges.Select(merge => JsonValue.Create(merge))]) });
    }

    /// <summary>Phi-2: words of bytes by GPT-2's pattern; runs of blanks are added tokens that are not special; merges as pairs.</summary>
    private static string ByteLevel()
    {
        var (vocabulary, merges) = Bytes();
        string[] runs = ["    ", "   ", "  ", "\t\t"];
        return Text(
            [Added(vocabulary.Count, "<|endoftext|>", special: true), .. runs.Select((run, i) => Added(vocabulary.Count + 1 + i, run, normalized: true))],
            normalizer: null,
            preTokenizer: Parse("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}"""),
            postProcessor: Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true}"""),
            decoder: Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}"""),
            new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. merges.Select(merge => new JsonArray([.. merge.Split(' ').Select(part => JsonValue.Create(part))]))]) });
    }

    /// <summary>Phi-4-mini: words of bytes by GPT-4o's pattern; control tokens that swallow blanks behind them; merges as strings.</summary>
    private static string ByteLevelSplit()
    {
        var (vocabulary, merges) = Bytes();
        var split = new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Gpt4oPattern }, ["behavior"] = "Removed", ["invert"] = true };
        return Text(
            [Added(vocabulary.Count, "<|endoftext|>", special: true), Added(vocabulary.Count + 1, "<|end|>", special: true, rstrip: true), Added(vocabulary.Count + 2, "<|user|>", special: true, rstrip: true)],
            normalizer: null,
            preTokenizer: new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(split, Parse("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}""")) },
            postProcessor: Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true}"""),
            decoder: Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}"""),
            new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. merges.Select(merge => JsonValue.Create(merge))]) });
    }

    private static (JsonObject Vocabulary, string[] Merges) Bytes()
    {
        string[] merges = [.. Merges.Select(merge => merge.Replace('_', ByteAlphabet.Character((byte)' ')))];
        return (Vocabulary([.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.Character((byte)value).ToString())], merges), merges);
    }

    private static JsonObject Vocabulary(string[] first, string[] merges) =>
        new(first.Concat(merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal))).Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id)));

    private static JsonObject Added(int id, string content, bool special = false, bool lstrip = false, bool rstrip = false, bool singleWord = false, bool normalized = false) =>
        new() { ["id"] = id, ["content"] = content, ["single_word"] = singleWord, ["lstrip"] = lstrip, ["rstrip"] = rstrip, ["normalized"] = normalized, ["special"] = special };

    private static string Text(JsonObject[] added, JsonNode? normalizer, JsonNode? preTokenizer, JsonNode? postProcessor, JsonNode? decoder, JsonObject model) => new JsonObject
    {
        ["version"] = "1.0",
        ["added_tokens"] = new JsonArray([.. added]),
        ["normalizer"] = normalizer,
        ["pre_tokenizer"] = preTokenizer,
        ["post_processor"] = postProcessor,
        ["decoder"] = decoder,
        ["model"] = model,
    }.ToJsonString(Readable) + "\n";

    private static JsonNode? Parse(string json) => JsonNode.Parse(json);
}
