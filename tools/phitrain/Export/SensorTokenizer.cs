using System.Text.Json.Nodes;
using EdgeGateway.PhiTrain.Training;

namespace EdgeGateway.PhiTrain.Export;

/// <summary>
/// tokenizer.json of the sensor model, in Hugging Face's form: plain BPE with one merge for each pair of a letter and a digit, so that a field and its level are one token;
/// answers are whole words; the start token stands before every text.
/// </summary>
internal static class SensorTokenizer
{
    private const string Start = "<s>";
    private const string Unknown = "<unk>";
    private const string Digits = "0123456789-";

    public static string Json()
    {
        string[] pairs = [.. StudentShape.Letters.SelectMany(letter => Digits.Select(digit => $"{letter}{digit}"))];
        string[] tokens = ["<pad>", Start, "=", .. StudentShape.Answers, .. pairs, .. (StudentShape.Letters + Digits).Select(c => c.ToString()), Unknown];
        var vocabulary = new JsonObject();
        for (var id = 0; id < tokens.Length; id++)
        {
            vocabulary[tokens[id]] = id;
        }

        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = Added(tokens),
            ["normalizer"] = null,
            ["pre_tokenizer"] = null,
            ["post_processor"] = StartFirst(),
            ["decoder"] = null,
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = Unknown,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. pairs.Select(p => new JsonArray(p[..1], p[1..]))]),
            },
        }.ToJsonString(SensorModelWriter.Indented) + "\n";
    }

    /// <summary>Special tokens, and the answers, which BPE would take apart.</summary>
    private static JsonArray Added(string[] tokens) => new([.. tokens.Select((content, id) => (content, id))
        .Where(t => t.content.StartsWith('<') || StudentShape.Answers.Contains(t.content))
        .Select(t => new JsonObject
        {
            ["id"] = t.id,
            ["content"] = t.content,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = t.content.StartsWith('<'),
        })]);

    private static JsonObject StartFirst() => new()
    {
        ["type"] = "TemplateProcessing",
        ["single"] = new JsonArray(Special(), Sequence("A", 0)),
        ["pair"] = new JsonArray(Special(), Sequence("A", 0), Sequence("B", 0)),
        ["special_tokens"] = new JsonObject { [Start] = new JsonObject { ["id"] = Start, ["ids"] = new JsonArray(StudentShape.Start), ["tokens"] = new JsonArray(Start) } },
    };

    private static JsonObject Special() => new() { ["SpecialToken"] = new JsonObject { ["id"] = Start, ["type_id"] = 0 } };

    private static JsonObject Sequence(string id, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = id, ["type_id"] = type } };
}
