using EdgeGateway.Phi.Lora;
using Microsoft.ML.OnnxRuntime;

namespace EdgeGateway.Phi;

/// <summary>
/// Runs tokens through a model, with an adapter or without, into one cache of fixed capacity, batch 1. Not safe for several threads. Who makes it holds
/// a lease on model and adapter until it is disposed.
/// </summary>
internal sealed class ForwardPass : IDisposable
{
    private readonly PhiModel model;
    private readonly KeyValueCache cache;
    private readonly RunOptions options = new() { LogSeverityLevel = OrtRuntime.Quiet };
    private readonly string[] inputNames;
    private readonly string[] outputNames;
    private readonly long[] ids;
    private readonly long[] mask;
    private readonly float[] logits;
    private readonly OrtValue[] inputs;
    private readonly OrtValue[] outputs;
    private (int Rows, int Attended, int MaskLength) shape;

    public ForwardPass(PhiModel model, LoraAdapter? adapter, int capacity)
    {
        this.model = model;
        var names = model.Config.Names;
        cache = new KeyValueCache(model.Config, capacity);
        inputNames = [names.InputIds, names.AttentionMask, .. cache.PastNames, .. adapter?.InputNames ?? []];
        outputNames = [names.Logits, .. cache.PresentNames];

        // the runtime keeps them pinned: in the heap for such arrays they do not hold up the free memory around them
        ids = GC.AllocateArray<long>(Math.Min(capacity, model.Rows.Longest), pinned: true);
        mask = GC.AllocateArray<long>(capacity, pinned: true);
        logits = GC.AllocateArray<float>(model.Config.VocabularySize, pinned: true);
        inputs = [null!, null!, .. cache.Tensors, .. adapter?.Inputs ?? []];
        outputs = [OrtValue.CreateTensorValueFromMemory(logits, [1, 1, logits.Length]), .. cache.Tensors];
    }

    /// <summary>Tokens that fit, past and new together.</summary>
    public int Capacity => cache.Capacity;

    /// <summary>All keys and values, for tests that poison them.</summary>
    public IEnumerable<OrtValue> CacheTensors => cache.Tensors;

    /// <summary>
    /// Runs the tokens after the first <paramref name="past"/> ones, which are in the cache already, and leaves their rows behind them.
    /// Gives the logits of the last token, valid until the next run.
    /// </summary>
    /// <param name="past">Rows in the cache.</param>
    /// <param name="tokens">At least one.</param>
    /// <param name="longRotary">Rotates by the long table of a longrope model. The graph chooses by the length of the mask, so a short run gets a padded one.</param>
    /// <param name="cancellation">Ends the run between two nodes of the graph; the rows that it writes are then not usable, earlier ones are.</param>
    public ReadOnlySpan<float> Run(int past, scoped ReadOnlySpan<int> tokens, bool longRotary, CancellationToken cancellation)
    {
        var end = past + tokens.Length;
        for (var done = past; done < end;)
        {
            var (begin, rows) = model.Rows.NextRun(past, done, end);
            done = begin + rows;
            RunOnce(tokens.Slice(begin - past, rows), done, longRotary ? Math.Max(done, model.RotarySwitch!.Value + 1) : done, cancellation);
        }

        return logits;
    }

    public void Dispose()
    {
        DisposeViews();
        outputs[0].Dispose();
        cache.Dispose();
        options.Dispose();
    }

    private void RunOnce(scoped ReadOnlySpan<int> tokens, int attended, int maskLength, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        for (var i = 0; i < tokens.Length; i++)
        {
            ids[i] = tokens[i];
        }

        View(tokens.Length, attended, maskLength);
        var stop = cancellation.UnsafeRegister(static options => ((RunOptions)options!).Terminate = true, options);
        using var fast = DenormalsAsZero.Begin();
        try
        {
            // not through IoBinding: it measures the same and needs a binding for each shape
            model.Session.Run(options, inputNames, inputs, outputNames, outputs);
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelRefusedException(RefusalReason.GraphInvalid, $"ONNX Runtime cannot compute {model.Config.GraphFile} ({e.Message.ReplaceLineEndings(" ")}); build or copy the model again.", e);
        }
        finally
        {
            // waits for a callback under way: the flag of a call that ended just in time must not end the next one
            stop.Dispose();
            if (cancellation.CanBeCanceled)
            {
                options.Terminate = false;
            }
        }
    }

    /// <summary>Views on the buffers of ids and mask in the size of this run; the last ones are kept, as prompts mostly have one length.</summary>
    private void View(int rows, int attended, int maskLength)
    {
        if (shape == (rows, attended, maskLength))
        {
            return;
        }

        DisposeViews();
        mask.AsSpan(0, attended).Fill(1);
        mask.AsSpan(attended, maskLength - attended).Clear();
        inputs[0] = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, ids.AsMemory(0, rows), [1, rows]);
        inputs[1] = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, mask.AsMemory(0, maskLength), [1, maskLength]);
        shape = (rows, attended, maskLength);
    }

    private void DisposeViews()
    {
        shape = default;
        inputs[0]?.Dispose();
        inputs[1]?.Dispose();
    }
}
