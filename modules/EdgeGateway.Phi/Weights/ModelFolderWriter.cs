using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;

namespace EdgeGateway.Phi.Weights;

/// <summary>Writes a model folder of ONNX Runtime GenAI's form: model.onnx.data, model.onnx, tokenizer.json, and genai_config.json last, so that a part of a folder is no model.</summary>
internal static class ModelFolderWriter
{
    private const string GraphFile = "model.onnx";
    private const string DataFile = "model.onnx.data";

    /// <summary>Writes the folder, which is created when missing; files of the same names are replaced.</summary>
    public static void Write(string folder, Phi3Config config, GraphForm form, WeightSource weights, string tokenizerJson, int accuracyLevel)
    {
        config = config.Checked();
        Directory.CreateDirectory(folder);
        using (var data = File.Create(Path.Combine(folder, DataFile)))
        {
            var model = DecoderGraph.Build(config, form, weights, accuracyLevel, DataFile, data);
            using var file = File.Create(Path.Combine(folder, GraphFile));
            model.WriteTo(file);
        }

        WriteText(Path.Combine(folder, Tokenizer.FileName), tokenizerJson);
        WriteText(Path.Combine(folder, PhiModelConfig.FileName), GenAiConfig(config, form));
    }

    private static string GenAiConfig(Phi3Config config, GraphForm form) => new JsonObject
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
            ["type"] = form.Phi2 ? "phi" : "phi3",
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
