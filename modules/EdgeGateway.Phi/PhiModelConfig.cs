using EdgeGateway.Phi.Files;

namespace EdgeGateway.Phi;

/// <summary>The sizes and names of a model, from genai_config.json (ONNX Runtime GenAI's form).</summary>
public sealed record PhiModelConfig
{
    internal const string FileName = "genai_config.json";
    private static readonly string[] Types = ["phi", "phi3"];

    private PhiModelConfig(string graphFile, TensorNames names)
    {
        GraphFile = graphFile;
        Names = names;
    }

    /// <summary>"phi" (Phi-2) or "phi3" (Phi-3, Phi-3.5, Phi-4-mini and models of that form).</summary>
    public required string Type { get; init; }

    /// <summary>Decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads of a layer.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads of a layer; fewer than <see cref="Heads"/> when grouped.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Numbers in one head; not always <see cref="HiddenSize"/> / <see cref="Heads"/>.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Numbers in the vector between layers.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Rows of the head. The tokenizer may know fewer tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest sequence, prompt and answer together, in tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Tokens that end an answer; empty when none is named.</summary>
    public required IReadOnlyList<int> EndTokens { get; init; }

    internal string GraphFile { get; }

    internal TensorNames Names { get; }

    internal static PhiModelConfig Read(ModelFiles files)
    {
        var model = JsonSection.Parse(FileName, files.Read(FileName, "ONNX Runtime GenAI's form")).Section("model");
        var type = model.Text("type");
        if (!Types.Contains(type))
        {
            throw model.Refuse("type", $"is \"{type}\", a model of another architecture; this engine runs {string.Join(" and ", Types)}", RefusalReason.TypeUnsupported);
        }

        var decoder = model.Section("decoder");
        var heads = decoder.Integer("num_attention_heads", 1, 1024);
        var keyValueHeads = decoder.Integer("num_key_value_heads", 1, heads);
        if (heads % keyValueHeads != 0)
        {
            throw decoder.Refuse("num_key_value_heads", $"is {keyValueHeads}, which does not divide num_attention_heads {heads}");
        }

        return new PhiModelConfig(decoder.Text("filename"), TensorNames.Read(decoder))
        {
            Type = type,
            Layers = decoder.Integer("num_hidden_layers", 1, 512),
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = decoder.Integer("head_size", 1, 1024),
            HiddenSize = decoder.Integer("hidden_size", 1, 1 << 16),
            VocabularySize = model.Integer("vocab_size", 1, 1 << 22),
            ContextLength = model.Integer("context_length", 1, 1 << 20),
            EndTokens = model.IntegerList("eos_token_id", 0, 1 << 22),
        };
    }
}
