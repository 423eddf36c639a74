using System.Globalization;
using EdgeGateway.Phi.Files;

namespace EdgeGateway.Phi.Onnx;

/// <summary>
/// Checks every tensor of a graph before the runtime sees it: its data is inside the graph file or inside a plain file of the folder, and has
/// exactly the size that its shape asks for. Nothing is allocated for it.
/// </summary>
internal sealed class TensorGuard(OnnxGraph graph, ModelFiles files)
{
    private const int DeepestSubgraph = 4;
    private const int LargestRest = 4096; // a page, for writers that align
    private static readonly string[] ExternalKeys = ["location", "offset", "length", "checksum"];

    private readonly Dictionary<string, long> fileLengths = [];
    private readonly List<(string Location, long Offset, long Length)> places = [];

    public void Check()
    {
        if (graph.Model.Functions.Count > 0 || graph.Model.TrainingInfo.Count > 0)
        {
            throw graph.Refuse("it has local functions or training graphs, which are not supported", RefusalReason.GraphUnsupported);
        }

        Check(graph.Model.Graph, DeepestSubgraph);
        CheckPlaces();
    }

    /// <summary>Two weights may be the same bytes, but never share a part of them; and a file ends with its last weight.</summary>
    private void CheckPlaces()
    {
        var end = (Location: "", Offset: -1L, Length: 0L);
        foreach (var next in places.Where(place => place.Length > 0).Distinct().OrderBy(place => place.Location, StringComparer.Ordinal).ThenBy(place => place.Offset))
        {
            if (next.Location == end.Location && next.Offset < end.Offset + end.Length)
            {
                throw graph.Refuse($"two weights overlap in {next.Location} at offset {next.Offset}");
            }

            end = next;
        }

        foreach (var file in places.GroupBy(place => place.Location))
        {
            var rest = fileLengths[file.Key] - file.Max(place => place.Offset + place.Length);
            if (rest > LargestRest)
            {
                throw new ModelRefusedException(RefusalReason.DataInvalid, $"{file.Key} has {rest} bytes behind the last weight of {graph.File}: it belongs to another model; copy both files from the same build.");
            }
        }
    }

    private void Check(GraphProto part, int deeper)
    {
        if (part.SparseInitializer.Count > 0 || deeper == 0)
        {
            throw graph.Refuse("it has sparse weights or deeply nested graphs, which are not supported", RefusalReason.GraphUnsupported);
        }

        foreach (var weight in part.Initializer)
        {
            Check(weight);
        }

        foreach (var attribute in part.Node.SelectMany(node => node.Attribute))
        {
            Check(attribute, deeper - 1);
        }
    }

    private void Check(AttributeProto attribute, int deeper)
    {
        if (attribute.SparseTensor.Count > 0 || attribute.SparseTensors.Count > 0)
        {
            throw graph.Refuse($"attribute {attribute.Name} is a sparse tensor, which is not supported", RefusalReason.GraphUnsupported);
        }

        foreach (var tensor in attribute.T is null ? attribute.Tensors : attribute.Tensors.Prepend(attribute.T))
        {
            Check(tensor);
        }

        foreach (var subgraph in attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G))
        {
            Check(subgraph, deeper);
        }
    }

    private void Check(TensorProto tensor)
    {
        var size = SizeInBytes(tensor);
        if (tensor.HasDataLocation && tensor.DataLocation != TensorProto.Types.DataLocation.Default)
        {
            CheckExternal(tensor, size);
        }
        else if (tensor.ExternalData.Count > 0)
        {
            throw graph.Refuse($"the weight \"{tensor.Name}\" names an external location but does not say that it is external");
        }
        else if (tensor.HasRawData && size is not null && tensor.RawData.Length != size)
        {
            throw graph.Refuse($"the weight \"{tensor.Name}\" has {tensor.RawData.Length} bytes, but its shape gives it the size {size}");
        }
        else if (!tensor.HasRawData && size > 8L * tensor.CalculateSize()) // 8: a 64-bit number may be packed in one byte
        {
            throw graph.Refuse($"the weight \"{tensor.Name}\" has fewer numbers than its shape asks for (size {size})");
        }
    }

    private void CheckExternal(TensorProto tensor, long? size)
    {
        if (tensor.ExternalData.Select(entry => entry.Key).Distinct().Count() != tensor.ExternalData.Count)
        {
            throw graph.Refuse($"the external weight \"{tensor.Name}\" gives its location twice");
        }

        if (tensor.ExternalData.FirstOrDefault(entry => !ExternalKeys.Contains(entry.Key)) is { } foreign)
        {
            throw graph.Refuse($"the external weight \"{tensor.Name}\" has \"{foreign.Key}\", not one of {string.Join(", ", ExternalKeys)}");
        }

        var location = Entry(tensor, "location") ?? throw graph.Refuse($"the external weight \"{tensor.Name}\" has no location");
        var length = FileLength(location, tensor.Name);
        var offset = Number(tensor, "offset") ?? 0;
        var count = Number(tensor, "length") ?? length - offset;
        if (offset < 0 || count < 0 || offset > length || count > length - offset)
        {
            throw new ModelRefusedException(RefusalReason.DataInvalid,
                $"{location} has {length} bytes, but the weight \"{tensor.Name}\" is said to lie at offset {offset} with length {count}; copy the file again, whole.");
        }

        places.Add((location, offset, count));
        if (size is null || count != size)
        {
            throw graph.Refuse($"the external weight \"{tensor.Name}\" has length {count}, but its shape gives it the size {size?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}");
        }
    }

    private long FileLength(string location, string weight)
    {
        if (!fileLengths.TryGetValue(location, out var length))
        {
            length = files.Length(location, $"the location of weight \"{weight}\" in {graph.File}");
            fileLengths[location] = length;
        }

        return length;
    }

    private long? Number(TensorProto tensor, string key)
    {
        if (Entry(tensor, key) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw graph.Refuse($"the {key} of external weight \"{tensor.Name}\" is \"{text}\", not a number");
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>Bytes that the shape asks for; null for element types that only occur in small constants.</summary>
    private long? SizeInBytes(TensorProto tensor)
    {
        var bits = tensor.ElementBits();
        try
        {
            var elements = tensor.Dims.Aggregate(1L, (product, size) => size >= 0 ? checked(product * size) : throw new OverflowException());
            return bits == 0 ? null : checked((elements * bits + 7) / 8);
        }
        catch (OverflowException e)
        {
            throw new ModelRefusedException(RefusalReason.GraphInvalid, $"{graph.File}: the weight \"{tensor.Name}\" has a shape of impossible size; build or copy the model again.", e);
        }
    }
}
