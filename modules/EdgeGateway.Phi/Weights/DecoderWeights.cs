using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Phi.Weights;

/// <summary>
/// The weights that a model folder of the Phi-3 form computes with, in float: codes times scales where they are rounded. What an adapter is trained on, so that it
/// fits the model as it runs.
/// </summary>
/// <param name="Config">Sizes.</param>
/// <param name="NormEpsilon">Added to the mean square in every norm.</param>
/// <param name="Cos">Rotary table [positions, half of a head].</param>
/// <param name="Sin">Rotary table [positions, half of a head].</param>
/// <param name="Tensors">By the names of Hugging Face's Phi3ForCausalLM; linear layers are [outputs, inputs].</param>
public sealed partial record DecoderWeights(PhiModelConfig Config, float NormEpsilon, FloatTensor Cos, FloatTensor Sin, IReadOnlyDictionary<string, FloatTensor> Tensors)
{
    private const string Embedding = "model.embed_tokens.weight";
    private const string CosCache = "cos_cache";
    private const string SinCache = "sin_cache";
    private static readonly string[] LayerParts = ["input_layernorm", "self_attn.qkv_proj", "self_attn.o_proj", "post_attention_layernorm", "mlp.gate_up_proj", "mlp.down_proj"];

    /// <summary>Reads a folder.</summary>
    /// <exception cref="ModelRefusedException">It is broken, or not of the Phi-3 form with one rotary table, an embedding in float and linear layers that can be read.</exception>
    public static DecoderWeights Read(string folder)
    {
        var source = ModelSource.Read(new ModelFolder(folder));
        var graph = source.Graph;
        var tensors = Linear(source);
        foreach (var weight in graph.Model.Graph.Initializer.Where(w => w.Name == Embedding || w.Name.EndsWith("norm.weight", StringComparison.Ordinal)))
        {
            tensors[weight.Name.EndsWith("final_norm_layernorm.weight", StringComparison.Ordinal) ? "model.norm.weight" : HuggingFace(weight.Name)] = Float(source, weight.Name);
        }

        var missing = Names(source.Config.Layers).FirstOrDefault(name => !tensors.ContainsKey(name));
        var norm = graph.Nodes.FirstOrDefault(node => node.OpType == "SimplifiedLayerNormalization");
        return missing is null && norm is not null
            ? new DecoderWeights(source.Config, norm.Attribute("epsilon")?.F ?? 1e-5f, Float(source, CosCache), Float(source, SinCache), tensors)
            : throw Unknown(source, missing ?? "a first norm");
    }

    /// <summary>
    /// SHA-256 of a folder's model: of the bytes of the graph file, of its data files in the order of their names, and of tokenizer.json, one behind the other; lower-case
    /// hexadecimal. Adapters name the model that they were made for by it.
    /// </summary>
    /// <exception cref="ModelRefusedException">The folder is broken.</exception>
    public static string Digest(string folder) => Digest(new ModelFolder(folder));

    /// <summary>The same of a model whose files lie in memory.</summary>
    /// <exception cref="ModelRefusedException">It is broken.</exception>
    public static string Digest(ModelMemory memory) => Digest(new MemoryFiles(memory));

    private static string Digest(ModelFiles files)
    {
        var source = ModelSource.Read(files);
        var data = source.Graph.Model.Graph.Initializer.Where(weight => weight.ExternalData.Count > 0).Select(ModelFiles.Location).Distinct().Order(StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = GC.AllocateUninitializedArray<byte>(1 << 20, pinned: true);
        foreach (var name in data.Prepend(source.Config.GraphFile).Append(Tokenizer.FileName))
        {
            var length = files.Length(name, "the digest");
            for (var done = 0L; done < length; done += piece.Length)
            {
                var part = piece.AsSpan(0, (int)Math.Min(piece.Length, length - done));
                files.Read(name, done, part);
                hash.AppendData(part);
            }
        }

        Array.Clear(piece);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Dictionary<string, FloatTensor> Linear(ModelSource source)
    {
        var apart = new Dictionary<string, FloatTensor>();
        foreach (var node in source.Graph.Nodes.Where(node => node.OpType == "MatMulNBits"))
        {
            if (!BlockWeights.CanRead(source.Graph, node) || ProductName().Match(node.Name) is not { Success: true } name)
            {
                throw Unknown(source, node.Name);
            }

            var rounded = new BlockWeights(source.Graph, node, source.Files);
            var data = new float[rounded.Outputs * rounded.Inputs];
            for (var output = 0; output < rounded.Outputs; output++)
            {
                rounded.Dequantize(output, data.AsSpan(output * rounded.Inputs, rounded.Inputs));
            }

            apart.Add(HuggingFace(name.Groups["name"].Value.Replace('/', '.') + ".weight"), new FloatTensor([rounded.Outputs, rounded.Inputs], data));
        }

        return apart.Where(part => !part.Key.Contains(".up_proj.", StringComparison.Ordinal)).ToDictionary(
            part => part.Key.Replace(".gate_proj.", ".gate_up_proj.", StringComparison.Ordinal),
            part => apart.TryGetValue(part.Key.Replace(".gate_proj.", ".up_proj.", StringComparison.Ordinal), out var up) && up != part.Value
                ? new FloatTensor([2 * up.Shape[0], up.Shape[1]], [.. part.Value.Data, .. up.Data])
                : part.Value);
    }

    private static FloatTensor Float(ModelSource source, string name)
    {
        var tensor = source.Graph.Weight(name);
        return tensor is { DataType: TensorProto.Types.DataType.Float }
            ? new FloatTensor([.. tensor.Dims.Select(size => (int)size)], MemoryMarshal.Cast<byte, float>(source.Files.ReadTensor(tensor)).ToArray())
            : throw Unknown(source, name);
    }

    private static string HuggingFace(string name) => name.Replace(".attn.", ".self_attn.", StringComparison.Ordinal);

    private static IEnumerable<string> Names(int layers) => Enumerable.Range(0, layers)
        .SelectMany(layer => LayerParts.Select(part => $"model.layers.{layer}.{part}.weight"))
        .Concat([Embedding, "model.norm.weight", "lm_head.weight"]);

    private static ModelRefusedException Unknown(ModelSource source, string what) => new(RefusalReason.GraphUnsupported,
        $"{source.Config.GraphFile} keeps {what} in a way that cannot be read back; only models of the Phi-3 form with one rotary table, packed query, key and value, and an embedding in float can be trained on.");

    [GeneratedRegex(@"^/(?<name>(model/layers\.\d+/(attn|mlp)/\w+)|lm_head)/MatMul", RegexOptions.CultureInvariant)]
    private static partial Regex ProductName();
}
