using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi;

/// <summary>
/// Runs token sequences through a model into one cache of fixed capacity, batch 1. Everything that a run needs is made once per
/// sequence length and kept. Not safe for several threads.
/// </summary>
internal sealed class ForwardPass : IDisposable
{
    private readonly PhiModel model;
    private readonly KeyValueCache cache;
    private readonly RunOptions options = new();
    private readonly string[] inputNames;
    private readonly string[] outputNames;
    private readonly long[] ids;
    private readonly long[] ones;
    private readonly float[] logits;
    private readonly OrtValue[] outputs;
    private readonly Dictionary<(int Past, int Count), OrtValue[]> inputs = [];

    public ForwardPass(PhiModel model, int capacity)
    {
        this.model = model;
        var names = model.Config.Names;
        cache = new KeyValueCache(model.Config, capacity);
        inputNames = [names.InputIds, names.AttentionMask, .. cache.PastNames];
        outputNames = [names.Logits, .. cache.PresentNames];
        ids = new long[capacity];
        ones = new long[capacity];
        Array.Fill(ones, 1);
        logits = new float[model.Config.VocabularySize];
        outputs = [OrtValue.CreateTensorValueFromMemory(logits, [1, 1, logits.Length]), .. cache.Tensors];
    }

    /// <summary>Tokens that fit, past and new together.</summary>
    public int Capacity => cache.Capacity;

    /// <summary>
    /// Runs the tokens after the first <paramref name="past"/> ones, which are in the cache already, and leaves their rows behind them.
    /// Gives the logits of the last token, valid until the next run.
    /// </summary>
    /// <remarks>
    /// A row that is computed alone takes other kernels, which sum in another order. Attention works in blocks of two head sizes, so one row is also
    /// left over when that many plus one are run; two runs avoid that, and the bits do not depend on how a sequence is cut into runs.
    /// </remarks>
    public ReadOnlySpan<float> Run(int past, scoped ReadOnlySpan<int> tokens)
    {
        var last = tokens.Length > 1 && tokens.Length % (2 * model.Config.HeadSize) == 1 ? 2 : tokens.Length;
        if (last < tokens.Length)
        {
            RunOnce(past, tokens[..^last]);
        }

        return RunOnce(past + tokens.Length - last, tokens[^last..]);
    }

    public void Dispose()
    {
        foreach (var values in inputs.Values)
        {
            values[0].Dispose();
            values[1].Dispose();
        }

        outputs[0].Dispose();
        cache.Dispose();
        options.Dispose();
    }

    private ReadOnlySpan<float> RunOnce(int past, scoped ReadOnlySpan<int> tokens)
    {
        for (var i = 0; i < tokens.Length; i++)
        {
            ids[i] = tokens[i];
        }

        using var fast = DenormalsAsZero.Begin();

        // not through IoBinding: it ignores active adapters
        model.Session.Run(options, inputNames, Inputs(past, tokens.Length), outputNames, outputs);
        return logits;
    }

    private OrtValue[] Inputs(int past, int count)
    {
        if (!inputs.TryGetValue((past, count), out var values))
        {
            // views on the shared buffers: however many lengths occur, the numbers are held once
            values =
            [
                OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, ids.AsMemory(0, count), [1, count]),
                OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, ones.AsMemory(0, past + count), [1, past + count]),
                .. cache.Tensors,
            ];
            inputs.Add((past, count), values);
        }

        return values;
    }
}
