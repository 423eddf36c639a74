using System.Text.Json;
using EdgeGateway.Phi;

namespace EdgeGateway.Tests.Phi;

/// <summary>
/// Real builder output with reference answers from the official runtime and from PyTorch. Cases with an adapter are left out here: adapters
/// are not loaded yet.
/// </summary>
public sealed class FixtureModelTests
{
    public static TheoryData<string> Folders => new(
        "phi2-b16-asym-acc1", "phi2-b32-sym", "phi2-builder-0.5.2", "phi3-4k-builder-0.5.2", "phi3-4k-window", "phi3-b128-asym-acc4", "phi3-b16-sym-acc0",
        "phi3-b32-sym-acc4", "phi3-b64-asym-acc1", "phi3-builder-0.8.3", "phi3-embed4-asym", "phi3-embed4-sym", "phi3-fp32", "phi3-gqa-acc1-qkv-apart",
        "phi3-gqa-kquant-mixed", "phi3-head-float", "phi3-head8-default", "phi3-head8-rtn", "phi3-hidden", "phi3-int8", "phi3-long", "phi3-long-acc1",
        "phi3-long-builder-0.8.3", "phi3-lora-baked", "phi3-lora-inputs", "phi3-micro", "phi3-named", "phi3-prune-head", "phi3-qdq-asym", "phi3-qdq-sym",
        "phi3-qkv-apart", "phi3-window", "phi3-window-cache", "phi4-lora-inputs", "phi4-tied", "phi4-tied-asym-acc1", "phi4-tied-head8", "real-stories260k",
        "real-stories260k-default");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Published_form_gives_the_reference_answers(string name)
    {
        var folder = SharedFolder.Require($"fixtures/models/{name}");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "reference.json")));
        using var model = PhiModel.Load(folder);
        var tolerance = json.RootElement.GetProperty("tolerance").GetProperty("exact").GetSingle();
        foreach (var item in json.RootElement.GetProperty("cases").EnumerateArray().Where(item => item.GetProperty("adapter").ValueKind == JsonValueKind.Null))
        {
            var prompt = Ids(item.GetProperty("prompt_ids"));
            if (item.TryGetProperty("text", out var text))
            {
                Assert.Equal(prompt, model.Tokenizer.Encode(text.GetString()!, addSpecialTokens: true));
            }

            if (item.TryGetProperty("logits_last", out var last))
            {
                var expected = (last.TryGetProperty("ort_exact", out var exact) ? exact : last.GetProperty("ort")).EnumerateArray().Select(logit => logit.GetSingle()).ToArray();
                Assert.InRange(RandomModel.LargestDifference(expected, RandomModel.Logits(model, [], prompt)), 0, tolerance);
                Assert.InRange(RandomModel.LargestDifference(expected, RandomModel.Logits(model, prompt.AsSpan(0, prompt.Length / 2), prompt.AsSpan(prompt.Length / 2))), 0, tolerance);
            }

            CheckGreedy(model, prompt, item, tolerance, json.RootElement.GetProperty("tolerance").GetProperty("as_built").GetSingle());
        }
    }

    /// <summary>
    /// Each step is scored after the whole sequence so far. Where that crosses a longrope switch, everything is computed anew; the references for that were
    /// made as built, so they bind only where the margin is wide, and without them the cached answers hold up to the switch.
    /// </summary>
    private static void CheckGreedy(PhiModel model, int[] prompt, JsonElement item, float tolerance, float asBuilt)
    {
        var kind = item.TryGetProperty("new_tokens_recomputed", out _) ? "_recomputed" : item.TryGetProperty("new_tokens_exact", out _) ? "_exact" : "";
        var expected = Ids(item.GetProperty("new_tokens" + kind));
        var margins = item.GetProperty("margins" + kind).EnumerateArray().Select(margin => margin.GetSingle()).ToArray();
        var enough = kind == "_recomputed" ? asBuilt : tolerance;
        var steps = kind != "_recomputed" && model.RotarySwitch is { } longest && prompt.Length <= longest ? Math.Min(expected.Length, longest - prompt.Length + 1) : expected.Length;
        using var scorer = new LabelScorer(model, prompt.AsSpan(0, prompt.Length - 1), Enumerable.Range(0, model.Config.VocabularySize).ToArray());
        var logits = new float[model.Config.VocabularySize];
        var tokens = new List<int> { prompt[^1] };
        for (var i = 0; i < steps && margins[i] > enough; i++)
        {
            scorer.Score(tokens.ToArray(), logits);
            var best = Array.IndexOf(logits, logits.Max());
            Assert.True(expected[i] == best, $"{item.GetProperty("name")}: step {i} gave {best} instead of {expected[i]}, margin {margins[i]}");
            tokens.Add(best);
        }
    }

    private static int[] Ids(JsonElement list) => list.EnumerateArray().Select(id => id.GetInt32()).ToArray();
}
