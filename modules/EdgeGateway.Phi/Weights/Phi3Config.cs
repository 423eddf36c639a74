using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeGateway.Phi.Weights;

/// <summary>Sizes of a Phi-3 model, the fields of Hugging Face's config.json that the engine's graph form depends on.</summary>
public sealed record Phi3Config
{
    private const string File = "config.json";

    /// <summary>vocab_size.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>hidden_size.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>intermediate_size: numbers inside the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>num_hidden_layers.</summary>
    public required int Layers { get; init; }

    /// <summary>num_attention_heads.</summary>
    public required int Heads { get; init; }

    /// <summary>num_key_value_heads; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>head_dim, default hidden_size / num_attention_heads. ONNX Runtime's rotary kernel wants a multiple of 16.</summary>
    public required int HeadSize { get; init; }

    /// <summary>max_position_embeddings: longest sequence in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>rms_norm_eps.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>rope_theta.</summary>
    public double RotaryBase { get; init; } = 10000;

    /// <summary>sliding_window: how many tokens each position sees; null = all.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>tie_word_embeddings: the head is the embedding, rounded.</summary>
    public bool TiedHead { get; init; }

    /// <summary>bos_token_id.</summary>
    public int BeginToken { get; init; } = 1;

    /// <summary>eos_token_id.</summary>
    public int EndToken { get; init; }

    /// <summary>pad_token_id.</summary>
    public int PadToken { get; init; }

    /// <summary>Reads config.json of a Phi3ForCausalLM checkpoint without rope scaling.</summary>
    /// <exception cref="ModelRefusedException">Not JSON, a field out of bounds, or a form that the writer does not know.</exception>
    public static Phi3Config Parse(ReadOnlyMemory<byte> utf8Json)
    {
        var json = JsonSection.Parse(File, utf8Json);
        if (json.Text("model_type", "phi3") is not "phi3" || json.Text("hidden_act", "silu") is not "silu" || json.Has("rope_scaling") || json.Number("partial_rotary_factor", 1) != 1)
        {
            throw new ModelRefusedException(RefusalReason.TypeUnsupported, $"{File}: only model_type phi3 with hidden_act silu, full rotary and without rope_scaling can be written; use the official builder for others.");
        }

        var hidden = json.Integer("hidden_size", 1, 1 << 16);
        var heads = json.Integer("num_attention_heads", 1, 1024);
        return new Phi3Config
        {
            VocabularySize = json.Integer("vocab_size", 1, 1 << 22),
            HiddenSize = hidden,
            IntermediateSize = json.Integer("intermediate_size", 1, 1 << 18),
            Layers = json.Integer("num_hidden_layers", 1, 512),
            Heads = heads,
            KeyValueHeads = json.Integer("num_key_value_heads", 1, heads, heads),
            HeadSize = json.Integer("head_dim", 1, 1024, hidden / heads),
            MaxPositions = json.Integer("max_position_embeddings", 1, 1 << 20),
            NormEpsilon = json.Number("rms_norm_eps", 1e-5),
            RotaryBase = json.Number("rope_theta", 10000),
            SlidingWindow = json.Has("sliding_window") ? json.Integer("sliding_window", 1, 1 << 20) : null,
            TiedHead = json.Flag("tie_word_embeddings", false),
            BeginToken = json.Integer("bos_token_id", 0, 1 << 22, 1),
            EndToken = json.Integer("eos_token_id", 0, 1 << 22, 0),
            PadToken = json.Integer("pad_token_id", 0, 1 << 22, 0),
        }.Checked();
    }

    /// <summary>The same as config.json of Phi3ForCausalLM, UTF-8.</summary>
    public byte[] ToJson()
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("Phi3ForCausalLM"),
            ["model_type"] = "phi3",
            ["vocab_size"] = VocabularySize,
            ["hidden_size"] = HiddenSize,
            ["intermediate_size"] = IntermediateSize,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyValueHeads,
            ["head_dim"] = HeadSize,
            ["hidden_act"] = "silu",
            ["max_position_embeddings"] = MaxPositions,
            ["original_max_position_embeddings"] = MaxPositions,
            ["rms_norm_eps"] = NormEpsilon,
            ["rope_theta"] = RotaryBase,
            ["sliding_window"] = SlidingWindow,
            ["tie_word_embeddings"] = TiedHead,
            ["bos_token_id"] = BeginToken,
            ["eos_token_id"] = EndToken,
            ["pad_token_id"] = PadToken,
            ["torch_dtype"] = "float32",
        };
        return Encoding.UTF8.GetBytes(json.ToJsonString(Indented) + "\n");
    }

    internal static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Rules between the fields.</summary>
    internal Phi3Config Checked()
    {
        if (Heads % KeyValueHeads != 0)
        {
            throw new ModelRefusedException(RefusalReason.ConfigInvalid, $"{File}: num_key_value_heads {KeyValueHeads} does not divide num_attention_heads {Heads}; choose other numbers.");
        }

        return HeadSize > 0 && HeadSize % 16 == 0
            ? this
            : throw new ModelRefusedException(RefusalReason.ConfigInvalid, $"{File}: the head size is {HeadSize}, but ONNX Runtime's rotary kernel wants a multiple of 16; choose another.");
    }
}
