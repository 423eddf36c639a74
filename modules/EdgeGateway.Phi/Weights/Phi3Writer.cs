namespace EdgeGateway.Phi.Weights;

/// <summary>
/// Writes a model folder of ONNX Runtime GenAI's form from float weights: genai_config.json, model.onnx, model.onnx.data, tokenizer.json.
/// Equal input gives equal bytes.
/// </summary>
public static class Phi3Writer
{
    /// <summary>Rounds all linear layers and the head to 4 bits and writes the folder, which is created when missing.</summary>
    /// <param name="folder">Where to; files of the same names are replaced.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="weights">Tensors under Hugging Face's names, as in model.safetensors; others are ignored.</param>
    /// <param name="tokenizerJson">Text of tokenizer.json, written as it is.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ModelRefusedException">A tensor is missing or has another shape than the configuration gives it.</exception>
    public static void Write(string folder, Phi3Config config, IReadOnlyDictionary<string, FloatTensor> weights, string tokenizerJson, Phi3WriterOptions? options = null) =>
        ModelFolderWriter.Write(folder, config, new GraphForm(), new Phi3Weights(config, weights), tokenizerJson, (options ?? new Phi3WriterOptions()).AccuracyLevel);
}
