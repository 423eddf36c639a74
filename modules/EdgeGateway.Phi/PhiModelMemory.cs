using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi;

/// <summary>
/// An estimate of the memory that a loaded model takes, in parts; nothing of the rest of the process is in it. How far it was from what was measured: docs/modelkit.md.
/// </summary>
/// <param name="MappedBytes">Weights that are used as they lie in their files: embedding, scales, norms, rotary tables. Only what is read is resident, and the kernel can take it back.</param>
/// <param name="CopiedBytes">Copies of weights that the runtime makes: packed for its kernels, folded, or expanded while a product runs.</param>
/// <param name="RuntimeBytes">The runtime itself and the graph without its weights, while it is loaded.</param>
/// <param name="KeyValueBytesPerToken">Keys and values of a token in all layers.</param>
/// <param name="WorkingBytesPerToken">Vectors inside a layer, of each token that runs in one pass.</param>
public sealed record PhiModelMemory(long MappedBytes, long CopiedBytes, long RuntimeBytes, long KeyValueBytesPerToken, long WorkingBytesPerToken)
{
    private const long Runtime = 45_000_000; // measured: 1.31.1 on Linux x64
    private const int GraphCopies = 5; // measured: file, parsed, written again, and two that the runtime keeps

    /// <summary>All of it, for one scorer that runs sequences of so many tokens.</summary>
    public long Sum(int tokens) => MappedBytes + CopiedBytes + RuntimeBytes + (tokens * (KeyValueBytesPerToken + WorkingBytesPerToken));

    internal static PhiModelMemory Estimate(OnnxGraph graph, PhiModelConfig config, ComputeForm form)
    {
        var products = Product.Find(graph).ToArray();
        var parts = products.Select(product => Parts(product, form)).ToArray();
        var embedding = graph.Nodes.FirstOrDefault(node => node.OpType == "GatherBlockQuantized");
        var folded = embedding is not null && graph.Producer(embedding.Input[0]) is { OpType: "Reshape" } reshape ? graph.Weight(reshape.Input[0])?.Bytes() ?? 0 : 0;
        return new PhiModelMemory(
            graph.Model.Graph.Initializer.Sum(weight => weight.Bytes()) - parts.Sum(part => part.Released),
            parts.Sum(part => part.Copied) + folded + parts.Select(part => part.Expanded).DefaultIfEmpty().Max(),
            Runtime + (GraphCopies * (long)graph.Model.CalculateSize()),
            2L * config.Layers * config.KeyValueHeads * config.HeadSize * sizeof(float),
            2 * sizeof(float) * products.Where(product => product.Outputs != config.VocabularySize).Sum(product => Math.Max(product.Inputs, product.Outputs)) / config.Layers);
    }

    /// <summary>Of one product: bytes of its file that are not needed after loading, of copies that stay, and of one that is made for each run.</summary>
    private static (long Released, long Copied, long Expanded) Parts(Product product, ComputeForm compute)
    {
        var codes = product.Weight.Bytes();
        if (product.Quantization is not { } form)
        {
            return (codes, codes, 0);
        }

        if (compute == ComputeForm.Int8 && product.Operator == "MatMulNBits")
        {
            return (codes + product.Companions.Sum(weight => weight.Bytes()), product.Inputs * product.Outputs, 0);
        }

        var rounds = compute == ComputeForm.AsBuilt && (form.AccuracyLevel ?? 4) == 4;
        if (form.Bits == 8 && !rounds)
        {
            return (0, 0, product.Inputs * product.Outputs * sizeof(float)); // no kernel computes 8 bits in float
        }

        // kernels that round activations want each scale twice: itself, and times the sum of its block
        var packed = codes + (rounds ? 2 * product.Companions[0].Bytes() : 0);
        var companions = product.Companions.Sum(weight => weight.Bytes());
        return product.Operator == "DequantizeLinear"
            ? (codes + companions, packed + companions + (codes / 2), 0) // written anew first; the allocator keeps about half of what that took
            : (codes, packed, 0);
    }
}
