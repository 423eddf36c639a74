using System.Text.Json;
using EdgeGateway.Phi.Onnx;
using DataType = EdgeGateway.Phi.Onnx.TensorProto.Types.DataType;

namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>
/// Runs the graph of a model folder node by node in plain float32 C#, each operator written from its definition, over a whole sequence with nothing
/// cached: the truth that the engine is compared with for every form that the model builder writes. It reads the folder by itself and shares nothing
/// with the engine but the classes of the ONNX format. What the builder does not write for Phi models is refused, never passed over.
/// </summary>
internal sealed class ReferenceInterpreter
{
    private readonly TensorReader reader;
    private readonly GraphProto graph;
    private readonly Dictionary<string, Tensor> weights;
    private readonly (string InputIds, string AttentionMask, string Logits) names;

    private ReferenceInterpreter(TensorReader reader, GraphProto graph, (string InputIds, string AttentionMask, string Logits) names)
    {
        this.reader = reader;
        this.graph = graph;
        this.names = names;
        weights = graph.Initializer.ToDictionary(weight => weight.Name, reader.Read);
        var attention = graph.Node.First(node => node.OpType == "GroupQueryAttention");
        QueriesPerKey = attention.Whole("num_heads") / attention.Whole("kv_num_heads");
    }

    /// <summary>Query heads that share one key and value head.</summary>
    public int QueriesPerKey { get; }

    public static ReferenceInterpreter Load(string folder)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "genai_config.json")));
        var decoder = config.RootElement.GetProperty("model").GetProperty("decoder");
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, decoder.GetProperty("filename").GetString()!))).Graph;
        var names = (Name("inputs", "input_ids"), Name("inputs", "attention_mask"), Name("outputs", "logits"));
        return new ReferenceInterpreter(new TensorReader(folder), graph, names);

        string Name(string section, string name) => decoder.GetProperty(section).GetProperty(name).GetString()!;
    }

    /// <summary>Logits [vocabulary] after the last token.</summary>
    public float[] Logits(int[] tokens, PeftAdapter? adapter = null)
    {
        int[] shape = [1, tokens.Length];
        var values = new Dictionary<string, Tensor>(weights)
        {
            [names.InputIds] = new(shape, Array.ConvertAll(tokens, token => (float)token), DataType.Int64),
            [names.AttentionMask] = new(shape, [.. Enumerable.Repeat(1f, tokens.Length)], DataType.Int64),
        };
        Run(graph, values, adapter);
        var logits = values[names.Logits];
        return logits.Row(logits.Rows - 1).ToArray();
    }

    /// <summary>
    /// Older builders do not write all nodes in the order of computing. An input that nothing makes counts as left out, which cached keys and values are.
    /// </summary>
    private void Run(GraphProto part, Dictionary<string, Tensor> values, PeftAdapter? adapter)
    {
        var nodes = part.Node.ToList();
        var awaited = nodes.SelectMany(node => node.Output).Where(name => name.Length > 0).ToHashSet();
        while (nodes.Count > 0)
        {
            var node = nodes.First(node => !node.Input.Any(awaited.Contains));
            var inputs = node.Input.Select(name => values.GetValueOrDefault(name)).Reverse().SkipWhile(input => input is null).Reverse().ToArray();
            Tensor?[] outputs = node.OpType switch
            {
                "Constant" => [reader.Read(node.Find("value")!.T)],
                "If" => Branch(node.Find(inputs[0]!.Data[0] != 0 ? "then_branch" : "else_branch")!.G, values, adapter),
                _ => Operators.Apply(node, inputs),
            };
            adapter?.AddTo(node.Output[0], inputs, outputs);
            foreach (var (name, output) in node.Output.Zip(outputs).Where(made => made.Second is not null))
            {
                values[name] = output!;
            }

            awaited.ExceptWith(node.Output);
            nodes.Remove(node);
        }
    }

    private Tensor?[] Branch(GraphProto branch, Dictionary<string, Tensor> values, PeftAdapter? adapter)
    {
        Run(branch, values, adapter);
        return [.. branch.Output.Select(output => values[output.Name])];
    }
}
