using EdgeGateway.Commands;
using EdgeGateway.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Benchmarks;

/// <summary>The built-in model on ONNX Runtime as anybody would run it: the file as it is, one thread, the whole prompt from an empty cache, the logits of every row.</summary>
internal sealed class BareModel : IDisposable
{
    private const int Layers = 4;
    private const int Heads = 3;
    private const int HeadSize = 32;
    private const int Vocabulary = 416;
    private readonly RunOptions options = new();
    private readonly InferenceSession session;
    private readonly string[] inputs = ["input_ids", "attention_mask", .. Enumerable.Range(0, Layers).SelectMany(l => new[] { $"past_key_values.{l}.key", $"past_key_values.{l}.value" })];
    private readonly OrtValue[] inputValues;
    private readonly OrtValue[] logits;

    public BareModel(int tokens)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        session = new InferenceSession(Path.Combine(LoadedModel.BuiltIn, "model.onnx"), settings);
        inputValues =
        [
            OrtValue.CreateTensorValueFromMemory(Enumerable.Range(1, tokens).Select(t => (long)t).ToArray(), [1, tokens]),
            OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, tokens).ToArray(), [1, tokens]),
            .. Enumerable.Range(0, 2 * Layers).Select(_ => OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), [1, Heads, 0, HeadSize])),
        ];
        logits = [OrtValue.CreateTensorValueFromMemory(new float[tokens * Vocabulary], [1, tokens, Vocabulary])];
    }

    /// <summary>One forward pass.</summary>
    public void Run() => session.Run(options, inputs, inputValues, ["logits"], logits);

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
        Array.ForEach(inputValues, v => v.Dispose());
        logits[0].Dispose();
    }
}
