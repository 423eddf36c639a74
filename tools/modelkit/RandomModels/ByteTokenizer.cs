using System.Text.Json.Nodes;
using EdgeGateway.Phi.Tokenizers;

namespace EdgeGateway.ModelKit.RandomModels;

/// <summary>A byte-level tokenizer without merges: a token a byte, and the end of text.</summary>
internal static class ByteTokenizer
{
    /// <summary>Id of &lt;|endoftext|&gt;, behind those of the 256 bytes.</summary>
    public const int EndOfText = 256;

    /// <summary>The text of its tokenizer.json.</summary>
    public static string Json() => new JsonObject
    {
        ["version"] = "1.0",
        ["added_tokens"] = new JsonArray(new JsonObject
        {
            ["id"] = EndOfText,
            ["content"] = "<|endoftext|>",
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        }),
        ["normalizer"] = null,
        ["pre_tokenizer"] = ByteLevel(),
        ["post_processor"] = null,
        ["decoder"] = ByteLevel(),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["unk_token"] = null,
            ["byte_fallback"] = false,
            ["vocab"] = new JsonObject(Enumerable.Range(0, EndOfText).Select(value => KeyValuePair.Create(ByteAlphabet.Character((byte)value).ToString(), (JsonNode?)value))),
            ["merges"] = new JsonArray(),
        },
    }.ToJsonString() + "\n";

    private static JsonObject ByteLevel() => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };
}
