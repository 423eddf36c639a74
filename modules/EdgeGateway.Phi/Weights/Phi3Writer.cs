using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;

namespace EdgeGateway.Phi.Weights;

/// <summary>
/// Writes a model folder of ONNX Runtime GenAI's form from float weights: genai_config.json, model.onnx, model.onnx.data, tokenizer.json.
/// Equal input gives equal bytes.
/// </summary>
public static class Phi3Writer
{
    private const string GraphFile = "model.onnx";
    private const string DataFile = "model.onnx.data";

    /// <summary>Rounds all linear layers and the head to 4 bits and writes the folder, which is created when missing.</summary>
    /// <param name="folder">Where to; files of the same names are replaced.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="weights">Tensors under Hugging Face's names, as in model.safetensors; others are ignored.</param>
    /// <param name="tokenizerJson">Text of tokenizer.json, written as it is.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ModelRefusedException">A tensor is missing or has another shape than the configuration gives it.</exception>
    public static void Write(string folder, Phi3Config config, IReadOnlyDictionary<string, FloatTensor> weights, string tokenizerJson, Phi3WriterOptions? options = null)
    {
        var graph = new Phi3Graph(config.Checked(), new Phi3Weights(config, weights), (options ?? new Phi3WriterOptions()).AccuracyLevel);
        Directory.CreateDirectory(folder);
        using (var data = File.Create(Path.Combine(folder, DataFile)))
        {
            var model = graph.Build(DataFile, data);
            using var file = File.Create(Path.Combine(folder, GraphFile));
            model.WriteTo(file);
        }

        WriteText(Path.Combine(folder, PhiModelConfig.FileName), GenAiConfig(config));
        WriteText(Path.Combine(folder, Tokenizer.FileName), tokenizerJson);
    }

    private static string GenAiConfig(Phi3Config config) => new JsonObject
    {
        ["model"] = new JsonObject
        {
            ["bos_token_id"] = config.BeginToken,
            ["context_length"] = config.MaxPositions,
            ["decoder"] = new JsonObject
            {
                ["session_options"] = new JsonObject { ["log_id"] = "onnxruntime-genai", ["provider_options"] = new JsonArray() },
                ["filename"] = GraphFile,
                ["head_size"] = config.HeadSize,
                ["hidden_size"] = config.HiddenSize,
                ["inputs"] = new JsonObject
                {
                    ["input_ids"] = "input_ids",
                    ["attention_mask"] = "attention_mask",
                    ["past_key_names"] = "past_key_values.%d.key",
                    ["past_value_names"] = "past_key_values.%d.value",
                },
                ["outputs"] = new JsonObject { ["logits"] = "logits", ["present_key_names"] = "present.%d.key", ["present_value_names"] = "present.%d.value" },
                ["num_attention_heads"] = config.Heads,
                ["num_hidden_layers"] = config.Layers,
                ["num_key_value_heads"] = config.KeyValueHeads,
            },
            ["eos_token_id"] = config.EndToken,
            ["pad_token_id"] = config.PadToken,
            ["type"] = "phi3",
            ["vocab_size"] = config.VocabularySize,
        },
        ["search"] = new JsonObject { ["do_sample"] = false, ["max_length"] = config.MaxPositions, ["past_present_share_buffer"] = true },
    }.ToJsonString(Phi3Config.Indented) + "\n";

    private static void WriteText(string path, string text)
    {
        using var file = File.Create(path);
        file.Write(Encoding.UTF8.GetBytes(text));
    }
}
