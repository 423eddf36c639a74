using System.Globalization;
using System.Text.RegularExpressions;
using EdgeGateway.Phi.Lora;
using Google.Protobuf;

namespace EdgeGateway.Phi.Onnx;

/// <summary>Makes room for adapters in a graph, in one form whatever the graph brought.</summary>
internal static partial class LoraSurgery
{
    private const string Prefix = "/engine/lora/";

    /// <summary>
    /// Takes slots of rank 0 out of a graph that brought some (overridable inputs as Olive makes them): their common rank dimension fails in the runtime as soon as two
    /// ranks differ, and without an adapter they only cost time. Slots with a content stay, as weights.
    /// </summary>
    public static void RemoveSlots(OnnxGraph graph)
    {
        var inputs = graph.Model.Graph.Input;
        foreach (var input in inputs.Where(input => graph.Weight(input.Name) is not null).ToArray())
        {
            inputs.Remove(input);
            if (graph.Weight(input.Name) is { Dims: [_, 0] } empty)
            {
                RemoveBranch(graph, empty.Name);
            }
        }

        var empties = graph.Model.Graph.Initializer.Where(weight => weight.Dims is [_, 0] or [0, _]).ToArray();
        foreach (var empty in empties)
        {
            graph.Model.Graph.Initializer.Remove(empty);
        }
    }

    /// <summary>
    /// Adds a slot to every linear layer: product + (x A) B, where A and B are inputs with an empty default. Each slot has a rank dimension of its own. Layers are found by the name of
    /// what their product writes, which all versions of the builder name alike (models from weights that were quantised before call it MatMulNBits).
    /// </summary>
    public static IReadOnlyList<LoraSlot> AddSlots(OnnxGraph graph)
    {
        var slots = new List<LoraSlot>();
        foreach (var node in graph.Nodes.Where(node => node.OpType is "MatMul" or "MatMulNBits").ToArray())
        {
            if (ProductName().Match(node.Output[0]) is { Success: true } name)
            {
                var (inputs, outputs) = Sizes(graph, node);
                var (layer, module) = (int.Parse(name.Groups["layer"].ValueSpan, CultureInfo.InvariantCulture), name.Groups["module"].Value);
                var slot = new LoraSlot(layer, module, inputs, outputs, $"{Prefix}{layer}/{module}/A", $"{Prefix}{layer}/{module}/B");
                AddSlot(graph.Model.Graph, node, slot);
                slots.Add(slot);
            }
        }

        return slots;
    }

    private static void AddSlot(GraphProto graph, NodeProto product, LoraSlot slot)
    {
        var (rank, path) = ($"{slot.A}/rank", $"{Prefix}{slot.Layer}/{slot.Module}/");
        graph.Input.Add(Protos.Value(slot.A, TensorProto.Types.DataType.Float, slot.Inputs, rank));
        graph.Input.Add(Protos.Value(slot.B, TensorProto.Types.DataType.Float, rank, slot.Outputs));
        graph.Initializer.Add(Empty(slot.A, slot.Inputs, 0));
        graph.Initializer.Add(Empty(slot.B, 0, slot.Outputs));
        var result = product.Output[0];
        product.Output[0] = path + "base";
        graph.Node.Insert(
            graph.Node.IndexOf(product) + 1,
            Protos.Node("", "MatMul", path + "down", [product.Input[0], slot.A], path + "low"),
            Protos.Node("", "MatMul", path + "up", [path + "low", slot.B], path + "delta"),
            Protos.Node("", "Add", path + "add", [path + "base", path + "delta"], result));
    }

    private static void Insert(this Google.Protobuf.Collections.RepeatedField<NodeProto> nodes, int at, params NodeProto[] added)
    {
        foreach (var node in added)
        {
            nodes.Insert(at++, node);
        }
    }

    /// <summary>An empty tensor must lie inside the graph file: at the end of an external file the runtime does not find it.</summary>
    private static TensorProto Empty(string name, params long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = TensorProto.Types.DataType.Float, RawData = ByteString.Empty };
        tensor.Dims.AddRange(shape);
        return tensor;
    }

    private static (int Inputs, int Outputs) Sizes(OnnxGraph graph, NodeProto product)
    {
        if (product.OpType == "MatMulNBits")
        {
            return ((int)product.Integer("K", 0), (int)product.Integer("N", 0));
        }

        var weight = graph.Weight(product.Input[1]) ?? (graph.Producer(product.Input[1]) is { OpType: "DequantizeLinear" } rounded ? graph.Weight(rounded.Input[0]) : null);
        return weight is { Dims: [> 0 and <= int.MaxValue and var inputs, > 0 and <= int.MaxValue and var outputs] }
            ? ((int)inputs, (int)outputs)
            : throw graph.Refuse($"{product.Name} multiplies with weights of unknown shape, so it can take no adapter", RefusalReason.GraphUnsupported);
    }

    /// <summary>x A -> low, low B -> delta, base + delta -> result: readers of the result get the base.</summary>
    private static void RemoveBranch(OnnxGraph graph, string a)
    {
        var nodes = graph.Model.Graph.Node;
        var down = Reader(graph, a);
        var up = Reader(graph, down.Output[0]);
        var add = Reader(graph, up.Output[0]);
        if (down.OpType != "MatMul" || up.OpType != "MatMul" || add is not { OpType: "Add", Input.Count: 2 })
        {
            throw graph.Refuse($"the optional input \"{a}\" is no LoRA factor in a form that is known", RefusalReason.GraphUnsupported);
        }

        var kept = add.Input[0] == up.Output[0] ? add.Input[1] : add.Input[0];
        foreach (var node in nodes)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] == add.Output[0] ? kept : node.Input[i];
            }
        }

        nodes.Remove(down);
        nodes.Remove(up);
        nodes.Remove(add);
    }

    private static NodeProto Reader(OnnxGraph graph, string value)
    {
        var readers = graph.Nodes.Where(node => node.Input.Contains(value)).ToArray();
        return readers.Length == 1 ? readers[0] : throw graph.Refuse($"\"{value}\" of an optional input is read by {readers.Length} nodes, not by one", RefusalReason.GraphUnsupported);
    }

    [GeneratedRegex(@"^/model/layers\.(?<layer>[0-9]{1,4})/(attn|mlp)/(?<module>\w+)/MatMul(NBits)?/output_0$", RegexOptions.CultureInvariant)]
    private static partial Regex ProductName();
}
