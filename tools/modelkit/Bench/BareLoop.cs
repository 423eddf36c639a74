using EdgeGateway.Phi;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>The suffix behind a kept prefix on the bare session, as fast as ONNX Runtime's own interface allows: what the engine is compared with.</summary>
internal sealed class BareLoop : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly string[] inputNames;
    private readonly string[] outputNames;
    private readonly OrtValue[] inputs;
    private readonly OrtValue[] outputs;

    public BareLoop(PhiModel model, int prefix, int suffix)
    {
        session = model.Session;
        var (config, names) = (model.Config, model.Config.Names);
        var layers = Enumerable.Range(0, config.Layers).ToArray();
        inputNames = [names.InputIds, names.AttentionMask, .. layers.SelectMany(layer => (string[])[names.PastKey(layer), names.PastValue(layer)])];
        outputNames = [names.Logits, .. layers.SelectMany(layer => (string[])[names.PresentKey(layer), names.PresentValue(layer)])];
        OrtValue[] cache = [.. Enumerable.Range(0, 2 * config.Layers).Select(_ => OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, TensorElementType.Float, [1, config.KeyValueHeads, prefix + suffix, config.HeadSize]))];
        outputs = [OrtValue.CreateTensorValueFromMemory(new float[config.VocabularySize], [1, 1, config.VocabularySize]), .. cache];
        long[] tokens = [.. BenchPlan.Tokens(prefix + suffix, config.VocabularySize)];
        inputs = [Row(tokens[..prefix]), Row([.. tokens[..prefix].Select(_ => 1L)]), .. cache];
        session.Run(options, inputNames, inputs, outputNames, outputs);
        inputs[0].Dispose();
        inputs[1].Dispose();
        (inputs[0], inputs[1]) = (Row(tokens[prefix..]), Row([.. tokens.Select(_ => 1L)]));
    }

    /// <summary>With the same treatment of the smallest numbers as in the engine, which would otherwise win by that alone.</summary>
    public void Run()
    {
        using var fast = DenormalsAsZero.Begin();
        session.Run(options, inputNames, inputs, outputNames, outputs);
    }

    public void Dispose()
    {
        options.Dispose();
        Array.ForEach(inputs, value => value.Dispose());
        outputs[0].Dispose();
    }

    private static OrtValue Row(long[] values) => OrtValue.CreateTensorValueFromMemory(values, [1, values.Length]);
}
