using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi;

/// <summary>
/// An estimate of the memory that a model takes at most, while it is loaded or when it runs, in parts; nothing of the rest of the process is in it. How far it was from what was measured:
/// docs/modelkit.md.
/// </summary>
/// <param name="MappedBytes">Weights that are used as they lie in their files: embedding, scales, norms, rotary tables. Only what is read is resident, and the kernel can take it back.</param>
/// <param name="CopiedBytes">Copies of weights that the runtime makes: packed for its kernels, folded, or expanded while a product runs.</param>
/// <param name="RuntimeBytes">The runtime itself, and the graph with what lies inside it, which is held several times while it is loaded.</param>
/// <param name="KeyValueBytesPerToken">Keys and values of a token in all layers.</param>
/// <param name="WorkingBytesPerToken">Vectors inside a layer, of each token that runs in one pass.</param>
public sealed record PhiModelMemory(long MappedBytes, long CopiedBytes, long RuntimeBytes, long KeyValueBytesPerToken, long WorkingBytesPerToken)
{
    private const long Runtime = 45_000_000; // measured: 1.31.1 on Linux x64
    private const int GraphCopies = 5; // measured: read, parsed, written again, and two that the runtime keeps

    /// <summary>All of it, with one sequence of so many tokens.</summary>
    public long Sum(int tokens) => MappedBytes + CopiedBytes + RuntimeBytes + (tokens * (KeyValueBytesPerToken + WorkingBytesPerToken));

    internal static PhiModelMemory Estimate(OnnxGraph graph, PhiModelConfig config, ComputeForm form)
    {
        if (form == ComputeForm.Fastest)
        {
            // the best so far stays open while the next form is measured
            var forms = PhiModel.Candidates(graph).Select(candidate => Estimate(graph, config, candidate)).OrderByDescending(memory => memory.Sum(0)).ToArray();
            return forms[0] with { CopiedBytes = forms.Take(2).Sum(memory => memory.CopiedBytes) };
        }

        var products = Product.Find(graph).ToArray();
        var parts = products.Select(product => Parts(product, form, isHead: product.Outputs == config.VocabularySize)).ToArray();
        var embedding = graph.Nodes.FirstOrDefault(node => node.OpType == "GatherBlockQuantized");
        var folded = embedding is not null && graph.Producer(embedding.Input[0]) is { OpType: "Reshape" } reshape ? graph.Weight(reshape.Input[0])?.Bytes() ?? 0 : 0;
        return new PhiModelMemory(
            graph.Model.Graph.Initializer.Sum(weight => weight.Bytes()) - parts.Sum(part => part.Released),
            parts.Sum(part => part.Copied) + folded + parts.Select(part => part.Expanded).DefaultIfEmpty().Max(),
            Runtime + (GraphCopies * (graph.Model.CalculateSize() + parts.Sum(part => part.InGraph))),
            2L * config.Layers * config.KeyValueHeads * config.HeadSize * sizeof(float),
            2 * sizeof(float) * products.Where(product => product.Outputs != config.VocabularySize).Sum(product => Math.Max(product.Inputs, product.Outputs)) / config.Layers);
    }

    /// <summary>Of one product: bytes of its file that are not needed after loading, of copies that stay, of one that is made for each run, and of weights that are written into the graph.</summary>
    private static (long Released, long Copied, long Expanded, long InGraph) Parts(Product product, ComputeForm form, bool isHead)
    {
        var codes = product.Weight.Bytes();
        var companions = product.Companions.Sum(weight => weight.Bytes());
        if (product.Quantization is not { } quantization)
        {
            return (codes, codes, 0, 0);
        }

        if (form == ComputeForm.Int8 && product.Operator == "MatMulNBits" && !isHead)
        {
            return (codes + companions, 0, 0, product.Inputs * product.Outputs);
        }

        var rounds = form == ComputeForm.AsBuilt && (quantization.AccuracyLevel ?? 4) == 4;
        if (quantization.Bits == 8 && !rounds)
        {
            return (0, 0, product.Inputs * product.Outputs * sizeof(float), 0); // no kernel computes 8 bits in float
        }

        // kernels that round activations want each scale twice: itself, and times the sum of its block
        var packed = codes + (rounds ? 2 * product.Companions[0].Bytes() : 0);
        return product.Operator == "DequantizeLinear"
            ? (codes + companions, packed + companions + (codes / 2), 0, 0) // written anew first; the allocator keeps about half of what that took
            : (codes, packed, 0, 0);
    }
}
