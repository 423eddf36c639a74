using System.Text.Json;

namespace EdgeGateway.Phi;

/// <summary>What genai_config.json (ONNX Runtime GenAI) says of a model folder, as far as it is needed.</summary>
/// <param name="Type">phi, phi3 ...</param>
/// <param name="Filename">The graph's file, within the folder.</param>
/// <param name="ContextLength">Tokens that prompt and answer may have together.</param>
/// <param name="VocabularySize">Rows of the head.</param>
/// <param name="KeyValueHeads">Heads of the key/value cache.</param>
/// <param name="HeadSize">Numbers a head.</param>
public sealed record PhiConfig(string Type, string GraphFile, int ContextLength, int VocabularySize, int Layers, int KeyValueHeads, int HeadSize)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "genai_config.json";

    private const int MostLayers = 512;
    private const int LongestContext = 1 << 20;
    private static readonly string[] Types = ["phi", "phi3", "phi3small"];

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="ModelRefusedException">It is missing, malformed, or of another family.</exception>
    public static PhiConfig Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new ModelRefusedException(RefusalReason.FileMissing, $"{path} is missing: a model folder has the form of ONNX Runtime GenAI.");
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var model = document.RootElement.GetProperty("model");
            var decoder = model.GetProperty("decoder");
            return new PhiConfig(
                model.GetProperty("type").GetString()!,
                decoder.GetProperty("filename").GetString()!,
                model.GetProperty("context_length").GetInt32(),
                model.GetProperty("vocab_size").GetInt32(),
                decoder.GetProperty("num_hidden_layers").GetInt32(),
                decoder.GetProperty("num_key_value_heads").GetInt32(),
                decoder.GetProperty("head_size").GetInt32()).Checked(path);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ModelRefusedException(RefusalReason.Malformed, $"{path} cannot be read: {e.Message}", e);
        }
    }

    private PhiConfig Checked(string path)
    {
        if (!Types.Contains(Type))
        {
            throw new ModelRefusedException(RefusalReason.Unsupported, $"{path}: model.type is \"{Type}\", but only the Phi family ({string.Join(", ", Types)}) is run here.");
        }

        var wrong = Layers is < 1 or > MostLayers ? $"num_hidden_layers is {Layers}"
            : ContextLength is < 1 or > LongestContext ? $"context_length is {ContextLength}"
            : KeyValueHeads < 1 || HeadSize < 1 || VocabularySize < 1 ? $"num_key_value_heads, head_size and vocab_size are {KeyValueHeads}, {HeadSize} and {VocabularySize}"
            : null;
        return wrong is null ? this : throw new ModelRefusedException(RefusalReason.Inconsistent, $"{path}: {wrong}, which no model has.");
    }
}
