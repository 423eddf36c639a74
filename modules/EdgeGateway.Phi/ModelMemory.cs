namespace EdgeGateway.Phi;

/// <summary>A model whose files lie in memory and need not be on any disk: what a sealed package was opened into.</summary>
/// <param name="Files">Small files by name: genai_config.json, the graph, tokenizer.json.</param>
/// <param name="Weights">External weights by the name that the graph gives. The runtime reads them where they are: unchanged and alive until <paramref name="Released"/>.</param>
/// <param name="Released">Called once, from any thread, when no weight is read any more, also when loading fails; the memory may be given back then.</param>
public sealed record ModelMemory(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files, IReadOnlyDictionary<string, NativeRange> Weights, Action Released)
{
    /// <summary>
    /// Gives the pages of weights back to the system once the runtime has packed them into copies of its own: nearly half of the memory of a large model. Their content is lost. Only for
    /// anonymous memory on Linux (pages that were locked there are unlocked), elsewhere nothing happens; the model is asked before and after, and refused should an answer change.
    /// </summary>
    public bool DiscardPacked { get; init; }
}

/// <summary>Native memory of the caller.</summary>
/// <param name="Address">First byte; at a multiple of the alignment that the weights' offsets have (4,096 in files of the official builder).</param>
/// <param name="Length">Bytes.</param>
public readonly record struct NativeRange(nint Address, long Length);
