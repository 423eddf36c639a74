using Google.Protobuf;

namespace EdgeGateway.Phi.Onnx;

/// <summary>Reads the graph of a model folder and makes sure that all it refers to lies in that folder.</summary>
internal static class ModelFiles
{
    private const int External = 1;

    /// <summary>The graph, with every external reference checked: inside the folder, and inside its file.</summary>
    public static ModelProto Read(string folder, string filename)
    {
        var path = Inside(folder, filename, PhiConfig.FileName);
        try
        {
            var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
            if (model.Graph is null || model.Graph.Node.Count == 0)
            {
                throw new ModelRefusedException(RefusalReason.Malformed, $"{path} holds no graph.");
            }

            foreach (var tensor in model.Graph.Initializer.Where(t => t.DataLocation == External))
            {
                CheckExternal(folder, path, tensor);
            }

            return model;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelRefusedException(RefusalReason.Malformed, $"{path} is not an ONNX model: {e.Message}", e);
        }
    }

    private static void CheckExternal(string folder, string graph, TensorProto tensor)
    {
        var entries = tensor.ExternalData.ToDictionary(e => e.Key, e => e.Value);
        var path = Inside(folder, entries.GetValueOrDefault("location", ""), $"{graph}, tensor {tensor.Name}");
        var sound = long.TryParse(entries.GetValueOrDefault("offset", "0"), out var offset) & long.TryParse(entries.GetValueOrDefault("length", "0"), out var length);
        var size = new FileInfo(path).Length;
        if (!sound || offset < 0 || length < 0 || offset > size || length > size - offset)
        {
            throw new ModelRefusedException(RefusalReason.Inconsistent, $"{graph}: tensor {tensor.Name} lies at {offset}+{length} of {Path.GetFileName(path)}, which has {size} bytes.");
        }
    }

    /// <summary>Full path of a file that must be within the folder itself.</summary>
    private static string Inside(string folder, string name, string where)
    {
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().IndexOfAny('/', '\\', '\0') >= 0)
        {
            throw new ModelRefusedException(RefusalReason.Escapes, $"{where} names the file \"{name}\"; files of a model lie in its own folder.");
        }

        var path = Path.Combine(folder, name);
        return File.Exists(path) ? path : throw new ModelRefusedException(RefusalReason.FileMissing, $"{path} is missing; {where} names it.");
    }
}
