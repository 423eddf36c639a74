using System.Buffers.Binary;
using Google.Protobuf;

namespace EdgeGateway.Phi.Onnx;

/// <summary>A parsed graph file with its nodes and weights by name. Weights themselves stay in the external data file.</summary>
internal sealed class OnnxGraph
{
    private const int OldestOpset = 14;
    private const int NewestOpset = 24;

    private readonly Dictionary<string, NodeProto> producers = [];
    private readonly Dictionary<string, TensorProto> weights = [];

    private OnnxGraph(string file, ModelProto model)
    {
        File = file;
        Model = model;
        foreach (var node in model.Graph.Node)
        {
            foreach (var output in node.Output.Where(name => name.Length > 0))
            {
                if (!producers.TryAdd(output, node))
                {
                    throw Refuse($"\"{output}\" is written by two nodes");
                }
            }
        }

        foreach (var weight in model.Graph.Initializer)
        {
            if (!weights.TryAdd(weight.Name, weight))
            {
                throw Refuse($"the weight \"{weight.Name}\" occurs twice");
            }
        }
    }

    public string File { get; }

    public ModelProto Model { get; }

    /// <summary>Version of the standard operators.</summary>
    public long Opset => Model.OpsetImport.First(import => import.Domain is "" or "ai.onnx").Version;

    public IEnumerable<NodeProto> Nodes => Model.Graph.Node;

    public static OnnxGraph Parse(string file, byte[] bytes)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelRefusedException(RefusalReason.GraphInvalid, $"{file} is not an ONNX model or is cut short; take the file from the model's source again.", e);
        }

        if (model.Graph is null || model.Graph.Node.Count == 0)
        {
            throw new ModelRefusedException(RefusalReason.GraphInvalid, $"{file} holds no graph; take the file from the model's source again.");
        }

        var opset = model.OpsetImport.FirstOrDefault(import => import.Domain is "" or "ai.onnx")?.Version ?? 0;
        return opset is >= OldestOpset and <= NewestOpset
            ? new OnnxGraph(file, model)
            : throw new ModelRefusedException(RefusalReason.GraphUnsupported, $"{file} has opset {opset}, not {OldestOpset} to {NewestOpset}; build the model with another version of the builder.");
    }

    /// <summary>A copy to be changed on its own.</summary>
    public OnnxGraph Clone() => new(File, Model.Clone());

    public NodeProto? Producer(string output) => producers.GetValueOrDefault(output);

    public TensorProto? Weight(string name) => weights.GetValueOrDefault(name);

    public ValueInfoProto? Input(string name) => Model.Graph.Input.FirstOrDefault(input => input.Name == name);

    public ValueInfoProto? Output(string name) => Model.Graph.Output.FirstOrDefault(output => output.Name == name);

    /// <summary>The one 64-bit integer of a small weight or Constant node; null for everything else.</summary>
    public long? Constant(string name) =>
        Producer(name)?.Attribute("value_int")?.I ?? ((Weight(name) ?? Producer(name)?.Attribute("value")?.T) is { DataType: TensorProto.Types.DataType.Int64, RawData.Length: 8 } number ? BinaryPrimitives.ReadInt64LittleEndian(number.RawData.Span) : null);

    /// <summary>Refuses a size that the configuration gives in another way than the graph, where the graph gives it.</summary>
    public void Compare(string field, long said, long? found)
    {
        if (found is not null && found != said)
        {
            throw Disagrees(field, said, found.Value);
        }
    }

    public ModelRefusedException Disagrees(string field, long said, long found) => new(RefusalReason.ConfigDisagrees,
        $"{PhiModelConfig.FileName} says {field} {said}, but {File} has {found}; copy both files from the same build of the model.");

    public ModelRefusedException Refuse(string what, RefusalReason reason = RefusalReason.GraphInvalid) =>
        new(reason, $"{File}: {what}; build or copy the model again.");
}
