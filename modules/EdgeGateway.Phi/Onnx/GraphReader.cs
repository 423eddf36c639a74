namespace EdgeGateway.Phi.Onnx;

/// <summary>Reads off a checked graph what the model is made of.</summary>
internal sealed class GraphReader(OnnxGraph graph, PhiModelConfig config)
{
    private const string LoraMark = ".lora_";

    private readonly Product[] products = [.. Product.Find(graph)];
    private readonly NodeProto attention = graph.Nodes.First(node => node.OpType == "GroupQueryAttention");

    /// <summary>Products that are alike, counted, in the order of their first.</summary>
    public IReadOnlyList<ProductDescription> Products => [.. products
        .CountBy(product => new ProductDescription(product.Kind, product.Operator, product.Inputs, product.Outputs, product.Quantization, 0))
        .Select(alike => alike.Key with { Count = alike.Value })];

    /// <summary>Tokens that each position sees; null = all.</summary>
    public int? Window => attention.Integer("local_window_size", -1) is > 0 and var window ? (int)window : null;

    /// <summary>Rotated part of a head, 0 to 1.</summary>
    public double RotaryShare => 2.0 * (RotarySwitch.TableShape(graph, attention)?.Width ?? 0) / config.HeadSize;

    /// <summary>Null when ids become vectors in a way that is not known.</summary>
    public EmbeddingDescription? Embedding
    {
        get
        {
            if (EmbeddingNode is not { } node)
            {
                return null;
            }

            var quantization = node.OpType == "Gather"
                ? null
                : new WeightQuantization((int)node.Integer("bits", 4), (int)node.Integer("block_size", 128), node.InputAt(3) is null, null);
            return new EmbeddingDescription(node.OpType, quantization, SharesHead(node));
        }
    }

    /// <summary>Weights of products and embedding, norms, biases and LoRA factors that are built in; no scales, zero points or rotary tables.</summary>
    public long Parameters
    {
        get
        {
            var embedding = EmbeddingNode;
            var apart = products.SelectMany(product => product.Companions.Prepend(product.Weight)).Select(weight => weight.Name)
                .Concat(embedding?.Input ?? []).Concat(attention.Input).ToHashSet();
            var rest = graph.Model.Graph.Initializer
                .Where(weight => weight.DataType is TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Float16 && !apart.Contains(weight.Name));
            return products.DistinctBy(product => product.Weight.Name).Sum(product => product.Inputs * product.Outputs)
                + (embedding is null || SharesHead(embedding) ? 0 : (long)config.VocabularySize * config.HiddenSize)
                + rest.Sum(weight => weight.Elements());
        }
    }

    /// <summary>Modules whose LoRA factors the graph takes as inputs, by the graph's own names.</summary>
    public IReadOnlyList<string> LoraSlots => [.. graph.Model.Graph.Input
        .Select(input => input.Name).Where(name => name.Contains(LoraMark, StringComparison.Ordinal) && graph.Weight(name) is not null)
        .Select(name => name[..name.IndexOf(LoraMark, StringComparison.Ordinal)]).Distinct()];

    private NodeProto? EmbeddingNode => graph.Nodes.FirstOrDefault(node => node.OpType is "Gather" or "GatherBlockQuantized" && node.InputAt(1) == config.Names.InputIds);

    private bool SharesHead(NodeProto embedding)
    {
        var table = graph.Producer(embedding.Input[0]) is { OpType: "Reshape" } reshape ? reshape.Input[0] : embedding.Input[0];
        return products.Any(product => product.Weight.Name == table);
    }
}
