using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi;

/// <summary>What a model folder holds, read from its configuration and graph without opening a session or reading the weights.</summary>
public sealed record PhiModelDescription
{
    private PhiModelDescription()
    {
    }

    /// <summary>Sizes, checked against the graph.</summary>
    public required PhiModelConfig Config { get; init; }

    /// <summary>"Phi-2", "Phi-3" (also Phi-3.5) or "Phi-4-mini" (the form of Phi-3 whose heads are rotated in part), and models of the same form.</summary>
    public required string Family { get; init; }

    /// <summary>Weights of products and embedding, norms and biases; scales, zero points and rotary tables do not count.</summary>
    public required long Parameters { get; init; }

    /// <summary>Tokens that each position sees, itself included; null = all.</summary>
    public required int? Window { get; init; }

    /// <summary>Rotated part of a head, above 0 up to 1.</summary>
    public required double RotaryShare { get; init; }

    /// <summary>Longrope: total length up to which the short rotary table is used; null for one table.</summary>
    public required int? RotarySwitch { get; init; }

    /// <summary>Null when the graph makes vectors of ids in a way that is not known.</summary>
    public required EmbeddingDescription? Embedding { get; init; }

    /// <summary>Products with weights, alike ones together, the head among them; LoRA slots are none.</summary>
    public required IReadOnlyList<ProductDescription> Products { get; init; }

    /// <summary>Modules whose LoRA factors the graph takes as inputs, by the graph's own names; empty for most.</summary>
    public required IReadOnlyList<string> LoraSlots { get; init; }

    /// <summary>An estimate of the memory that the model takes when loaded with the options that were given.</summary>
    public required PhiModelMemory Memory { get; init; }

    /// <summary>Reads and checks a folder as <see cref="PhiModel.Load"/> does before the runtime sees it.</summary>
    /// <param name="folder">A folder in ONNX Runtime GenAI's form.</param>
    /// <param name="options">How it would be loaded; null for the defaults.</param>
    /// <exception cref="ModelRefusedException">The folder is broken, disagrees with itself, or has a form that this engine does not run.</exception>
    public static PhiModelDescription Read(string folder, PhiModelOptions? options = null)
    {
        var (_, config, _, graph) = ModelSource.Read(new ModelFolder(folder));
        var reader = new GraphReader(graph, config);
        return new PhiModelDescription
        {
            Config = config,
            Family = config.Type == "phi" ? "Phi-2" : reader.RotaryShare < 1 ? "Phi-4-mini" : "Phi-3",
            Parameters = reader.Parameters,
            Window = reader.Window,
            RotaryShare = reader.RotaryShare,
            RotarySwitch = Onnx.RotarySwitch.Find(graph),
            Embedding = reader.Embedding,
            Products = reader.Products,
            LoraSlots = reader.LoraSlots,
            Memory = PhiModelMemory.Estimate(graph, config, (options ?? new PhiModelOptions()).Compute),
        };
    }
}
