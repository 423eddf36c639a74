using System.Text.Json.Nodes;
using EdgeGateway.Phi.Files;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Phi.Lora;

/// <summary>The factors of one linear layer: x -> x + (alpha / rank) B A x.</summary>
/// <param name="Module">Its whole name, for example model.layers.0.self_attn.qkv_proj.</param>
/// <param name="A">[rank, inputs].</param>
/// <param name="B">[outputs, rank].</param>
public sealed record LoraFactors(string Module, FloatTensor A, FloatTensor B);

/// <summary>Writes an adapter in both forms that the engine reads: as Hugging Face's PEFT library saves it, and as ONNX Runtime's .onnx_adapter.</summary>
public static class LoraWriter
{
    /// <summary>Writes adapter_config.json, adapter_model.safetensors and {name}.onnx_adapter. Equal input gives equal bytes.</summary>
    /// <param name="folder">Where to; created when missing.</param>
    /// <param name="name">Name of the .onnx_adapter file without its ending.</param>
    /// <param name="alpha">Scale of all factors times their rank.</param>
    public static void Write(string folder, string name, IReadOnlyList<LoraFactors> factors, double alpha)
    {
        Directory.CreateDirectory(folder);
        SafeTensors.Write(Path.Combine(folder, PeftFolder.WeightsName), factors
            .SelectMany(f => new[] { (f.Module, Factor: "A", Tensor: f.A), (f.Module, Factor: "B", Tensor: f.B) })
            .ToDictionary(f => $"base_model.model.{f.Module}.lora_{f.Factor}.weight", f => f.Tensor));
        using (var config = new StreamWriter(Path.Combine(folder, PeftConfig.FileName)) { NewLine = "\n" })
        {
            config.WriteLine(Config(factors, alpha).ToJsonString(Phi3Config.Indented));
        }

        OnnxAdapterFile.Write(Path.Combine(folder, name + OnnxAdapterFile.Extension), PeftFolder.Read(new ModelFolder(folder)));
    }

    private static JsonObject Config(IReadOnlyList<LoraFactors> factors, double alpha) => new()
    {
        ["peft_type"] = "LORA",
        ["task_type"] = "CAUSAL_LM",
        ["base_model_name_or_path"] = null,
        ["r"] = factors[0].A.Shape[0],
        ["lora_alpha"] = alpha,
        ["lora_dropout"] = 0,
        ["bias"] = "none",
        ["inference_mode"] = true,
        ["target_modules"] = new JsonArray([.. factors.Select(f => f.Module.Split('.')[^1]).Distinct().Select(module => (JsonNode)module)]),
    };
}
