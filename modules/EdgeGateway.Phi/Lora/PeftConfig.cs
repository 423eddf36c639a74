using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeGateway.Phi.Lora;

/// <summary>
/// adapter_config.json of Hugging Face's PEFT library (LoraConfig). Settings that change what an adapter computes and are not known are refused: left
/// out, they would give other answers without a word.
/// </summary>
internal sealed class PeftConfig
{
    public const string FileName = "adapter_config.json";
    private const int LargestRank = 4096;
    private const double PeftsAlpha = 8; // its default

    /// <summary>Settings that are read here, that describe, or that only rule how the adapter was trained.</summary>
    private static readonly HashSet<string> Known =
    [
        "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "corda_config", "ensure_weight_tying", "eva_config", "exclude_modules", "inference_mode", "init_lora_weights",
        "layers_pattern", "layers_to_transform", "loftq_config", "lora_alpha", "lora_dropout", "lora_ga_config", "megatron_config", "megatron_core", "peft_type", "peft_version", "qalora_group_size",
        "r", "rank_pattern", "revision", "runtime_config", "target_modules", "task_type", "use_rslora",
    ];

    /// <summary>Ways to start the training that leave the base model's weights as they are; the others take a part out of them.</summary>
    private static readonly string[] KnownStarts = ["gaussian", "eva", "orthogonal"];

    private readonly int rank;
    private readonly double alpha;
    private readonly bool stabilized;
    private readonly (Regex Pattern, double Value)[] ranks;
    private readonly (Regex Pattern, double Value)[] alphas;

    private PeftConfig(JsonElement root, JsonSection section)
    {
        if (section.Text("peft_type") is var type && type != "LORA")
        {
            throw Unsupported($"peft_type {type}; only LORA is known");
        }

        RefuseUnknown(root);
        rank = section.Integer("r", 1, LargestRank);
        alpha = section.Number("lora_alpha", PeftsAlpha);
        stabilized = section.Flag("use_rslora", false);
        ranks = Patterns(root, "rank_pattern");
        alphas = Patterns(root, "alpha_pattern");
    }

    public static PeftConfig Parse(byte[] json)
    {
        var section = JsonSection.Parse(FileName, json);
        using var document = JsonDocument.Parse(json);
        return new PeftConfig(document.RootElement, section);
    }

    /// <summary>Rank of a module, by its whole name in the base model.</summary>
    public int Rank(string module) => (int)(Find(ranks, module) ?? rank);

    /// <summary>Factor of B A x: alpha / r, or alpha / sqrt(r) with use_rslora (arXiv:2312.03732).</summary>
    public float Scale(string module)
    {
        var (own, ownRank) = (Find(alphas, module) ?? alpha, Rank(module));
        return (float)(stabilized ? own / Math.Sqrt(ownRank) : own / ownRank);
    }

    private static void RefuseUnknown(JsonElement root)
    {
        foreach (var entry in root.EnumerateObject())
        {
            var says = entry.Name switch
            {
                "bias" => entry.Value.ValueKind == JsonValueKind.String && entry.Value.GetString() == "none" ? null : entry.Value.GetRawText(),
                "init_lora_weights" => entry.Value.ValueKind == JsonValueKind.String && !KnownStarts.Contains(entry.Value.GetString()) ? entry.Value.GetRawText() : null,
                _ => Known.Contains(entry.Name) || IsUnset(entry.Value) ? null : entry.Value.GetRawText(),
            };
            if (says is not null)
            {
                throw Unsupported($"{entry.Name} = {(says.Length > 80 ? says[..80] + "..." : says)}");
            }
        }
    }

    private static bool IsUnset(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    /// <summary>A key matches a module's whole name or its end after a dot, as in PEFT; it is a regular expression there, run here without backtracking.</summary>
    private static (Regex Pattern, double Value)[] Patterns(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        try
        {
            return list.EnumerateObject().Select(entry => (new Regex($@"^(.*\.)?({entry.Name})$", RegexOptions.NonBacktracking), PatternValue(name, entry))).ToArray();
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ModelRefusedException(RefusalReason.AdapterUnsupported, $"{FileName}: {name} has a key that this engine cannot match ({e.Message}); name the modules without lookarounds.", e);
        }
    }

    private static double PatternValue(string name, JsonProperty entry) =>
        entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetDouble(out var value) && double.IsFinite(value) && value > 0 && (name != "rank_pattern" || (value <= LargestRank && value == Math.Floor(value)))
            ? value
            : throw new ModelRefusedException(RefusalReason.AdapterInvalid, $"{FileName}: {name} gives {entry.Name} the value {entry.Value.GetRawText()}; export the adapter again.");

    private static double? Find((Regex Pattern, double Value)[] patterns, string module)
    {
        foreach (var (pattern, value) in patterns)
        {
            if (pattern.IsMatch(module))
            {
                return value;
            }
        }

        return null;
    }

    private static ModelRefusedException Unsupported(string what) => new(RefusalReason.AdapterUnsupported,
        $"{FileName} asks for {what}, which changes the answers in a way that this engine does not compute; train a plain LoRA adapter on the model's linear layers.");
}
