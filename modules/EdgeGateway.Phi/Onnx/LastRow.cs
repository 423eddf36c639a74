namespace EdgeGateway.Phi.Onnx;

/// <summary>
/// Makes a graph compute only the last row where nothing needs the others: from the output of the last attention on, every row is on its own, and only
/// the last one is asked for. A quarter of the products of a model with four layers falls away.
/// </summary>
internal sealed class LastRow
{
    private const string Prefix = "/engine/last_row/";

    private readonly OnnxGraph graph;
    private readonly Dictionary<string, NodeProto[]> readers;
    private readonly HashSet<NodeProto> tail = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, string> selected = [];

    private LastRow(OnnxGraph graph)
    {
        this.graph = graph;
        readers = graph.Nodes.SelectMany(node => node.Input.Where(name => name.Length > 0).Distinct().Select(name => (name, node))).GroupBy(r => r.name).ToDictionary(r => r.Key, r => r.Select(x => x.node).ToArray());
    }

    /// <summary>Selects the last row of [1, S, hidden] as early as possible on the way to the head's product; [1, 1, hidden] from there on.</summary>
    /// <returns>The nodes that now see one row.</returns>
    public static IReadOnlySet<NodeProto> Select(OnnxGraph graph, NodeProto head)
    {
        var last = new LastRow(graph);
        last.FindTail(head);
        last.Cut();
        return last.tail;
    }

    /// <summary>From the end of the graph, where the nodes of the layers stand in the order of computing: a node belongs to the tail when it works row by row and all that read it do too.</summary>
    private void FindTail(NodeProto head)
    {
        var asked = graph.Model.Graph.Output.Select(output => output.Name).ToHashSet();
        tail.Add(head);
        foreach (var node in graph.Nodes.Reverse().SkipWhile(node => node != head).Skip(1).Where(node => RowInputs(node) > 0))
        {
            var read = node.Output.Where(readers.ContainsKey).ToArray();
            if (read.Length > 0 && !node.Output.Any(asked.Contains) && read.All(name => readers[name].All(tail.Contains)))
            {
                tail.Add(node);
            }
        }
    }

    private void Cut()
    {
        graph.Model.Graph.Initializer.Add(Protos.Integers(Prefix + "index", [1], -1));
        foreach (var node in graph.Nodes.Where(tail.Contains).ToArray())
        {
            for (var i = 0; i < Math.Min(RowInputs(node), node.Input.Count); i++)
            {
                if (graph.Producer(node.Input[i]) is { OpType: not "Constant" } producer && !tail.Contains(producer))
                {
                    node.Input[i] = Selected(node.Input[i], node);
                }
            }
        }
    }

    private string Selected(string rows, NodeProto before)
    {
        if (!selected.TryGetValue(rows, out var row))
        {
            row = $"{Prefix}output_{selected.Count}";
            var gather = Protos.Node("", "Gather", $"{Prefix}gather_{selected.Count}", [rows, Prefix + "index"], row);
            gather.Set("axis", 1);
            graph.Model.Graph.Node.Insert(graph.Model.Graph.Node.IndexOf(before), gather);
            selected.Add(rows, row);
        }

        return row;
    }

    /// <summary>How many of the first inputs have a row for each token, for operators that treat rows apart; 0 for all others.</summary>
    private static int RowInputs(NodeProto node) => node.OpType switch
    {
        "MatMul" or "MatMulNBits" or "LayerNormalization" or "SimplifiedLayerNormalization" or "Sigmoid" or "Gelu" or "FastGelu" or "QuickGelu" => 1,
        "SkipLayerNormalization" or "SkipSimplifiedLayerNormalization" or "Add" or "Mul" => 2,
        _ => 0,
    };
}
