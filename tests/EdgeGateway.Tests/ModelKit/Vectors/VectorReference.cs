using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Tests.Phi.Interpreter;

namespace EdgeGateway.Tests.ModelKit.Vectors;

/// <summary>What reference.json of a vector model says, answered by the interpreter of the graph: every step is a run of the whole sequence.</summary>
internal sealed class VectorReference(VectorModel vector, string folder)
{
    private const double Tolerance = 2e-4;
    private readonly ReferenceInterpreter interpreter = ReferenceInterpreter.Load(folder);

    /// <summary>Writes the file; a case stands in one line.</summary>
    /// <param name="text">A text and its ids with special tokens.</param>
    /// <param name="adapter">Name and folder of an adapter, or null.</param>
    public void Write((string Text, int[] Ids) text, (string Name, string Folder)? adapter)
    {
        var cases = vector.Lengths.Select(length => Case(length.Name, null, RandomModel.Tokens(length.Tokens, vector.Config, length.Tokens), length.Name is not "one")).Append(Case("text", text.Text, text.Ids, false)).ToList();
        if (adapter is { } lora)
        {
            var peft = PeftAdapter.Read(Path.Combine(folder, lora.Folder), interpreter.QueriesPerKey);
            cases.Add(Case("33, adapter", null, RandomModel.Tokens(33, vector.Config, 33), true, lora.Name, peft));
            cases.Add(Case("text, adapter", text.Text, text.Ids, false, lora.Name, peft));
        }

        var head = new JsonObject
        {
            ["format"] = 1,
            ["model"] = vector.Name,
            ["builder"] = "EdgeGateway.Phi.Weights",
            ["checkpoint"] = "random",
            ["precision"] = "int4, accuracy_level 1",
            ["note"] = "All answers are of the tests' float32 interpreter of the graph, those under ort too. The graph computes in float as built, so both tolerances are one.",
            ["tolerance"] = new JsonObject { ["exact"] = Tolerance, ["as_built"] = Tolerance },
            ["adapters"] = adapter is { } named ? new JsonObject { [named.Name] = named.Folder } : new JsonObject(),
        }.ToJsonString();
        File.WriteAllText(Path.Combine(folder, "reference.json"), $"{head[..^1]},\"cases\":[\n{string.Join(",\n", cases.Select(item => item.ToJsonString()))}\n]}}\n");
    }

    private JsonObject Case(string name, string? text, int[] prompt, bool withLogits, string? adapter = null, PeftAdapter? peft = null)
    {
        var first = interpreter.Logits(prompt, peft);
        var (tokens, margins, after) = Decode(prompt, first, peft);

        // a cached run goes on beyond the switch with keys of the short table, which the interpreter cannot: it stands up to there
        var longest = vector.Form.LongRope is { } rope && prompt.Length <= rope.OriginalContext ? rope.OriginalContext - prompt.Length + 1 : tokens.Count;
        var item = new JsonObject
        {
            ["name"] = name,
            ["text"] = text,
            ["prompt_ids"] = Array(prompt),
            ["adapter"] = adapter,
            ["new_tokens"] = Array(tokens.Take(longest)),
            ["margins"] = Array(margins.Take(longest)),
        };
        if (longest < tokens.Count)
        {
            item["new_tokens_recomputed"] = Array(tokens);
            item["margins_recomputed"] = Array(margins);
        }

        if (withLogits)
        {
            item["logits_last"] = new JsonObject { ["ort"] = Array(first) };
            item["chunked"] = new JsonObject { ["cuts"] = Array([prompt.Length / 2]) };
        }

        if (name == "33")
        {
            item["after_decode"] = new JsonObject { ["fed"] = Array(tokens), ["ort"] = Array(after) };
        }

        if (peft is not null)
        {
            item["moves_logits_by"] = Rounded(RandomModel.LargestDifference(first, interpreter.Logits(prompt)));
        }

        return item;
    }

    /// <summary>Greedy tokens, the lead of each over the second best, and the logits behind the last one.</summary>
    private (List<int> Tokens, List<float> Margins, float[] After) Decode(int[] prompt, float[] logits, PeftAdapter? peft)
    {
        var (tokens, margins) = (new List<int>(), new List<float>());
        while (tokens.Count < VectorModel.NewTokens)
        {
            var best = logits.Index().OrderByDescending(logit => logit.Item).Take(2).ToArray();
            tokens.Add(best[0].Index);
            margins.Add(best[0].Item - best[1].Item);
            logits = interpreter.Logits([.. prompt, .. tokens], peft);
        }

        return (tokens, margins, logits);
    }

    private static JsonArray Array(IEnumerable<int> numbers) => new([.. numbers.Select(number => JsonValue.Create(number))]);

    private static JsonArray Array(IEnumerable<float> numbers) => new([.. numbers.Select(number => (JsonNode)Rounded(number))]);

    /// <summary>Six significant digits.</summary>
    private static JsonValue Rounded(float number) => JsonValue.Create(decimal.Parse(number.ToString("G6", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture));
}
