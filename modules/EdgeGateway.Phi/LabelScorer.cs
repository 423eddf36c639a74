using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeGateway.Phi;

/// <summary>
/// Scores labels after a prompt: the static prefix is run once into a preallocated key/value cache, then each call runs its suffix behind it, in place, in one batch-1 pass,
/// and reads the logits of the label tokens. The prefix rows are never touched again, so the result is bitwise the one of the whole prompt. One thread at a time.
/// </summary>
public sealed class LabelScorer : IDisposable
{
    private readonly PhiModel model;
    private readonly RunOptions run = new();
    private readonly int[] labels;
    private readonly int prefixLength;
    private readonly int capacity;
    private readonly OrtValue[] cache;
    private readonly string[] inputNames;
    private readonly string[] outputNames;
    private readonly OrtValue logits;
    private readonly long[] mask;
    private readonly Dictionary<int, Slot> slots = [];

    /// <param name="prefix">Tokens that every prompt begins with; may be empty.</param>
    /// <param name="labels">Tokens whose logits are wanted.</param>
    public LabelScorer(PhiModel model, ReadOnlySpan<int> prefix, ReadOnlySpan<int> labels)
    {
        var config = model.Config;
        (this.model, this.labels, prefixLength, capacity) = (model, labels.ToArray(), prefix.Length, config.ContextLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(prefixLength, capacity, nameof(prefix));
        foreach (var label in labels)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, config.VocabularySize, nameof(labels));
        }

        mask = [.. Enumerable.Repeat(1L, capacity)];
        cache = [.. Enumerable.Range(0, 2 * config.Layers).Select(_ => NewTensor<float>([1, config.KeyValueHeads, capacity, config.HeadSize]))];
        logits = NewTensor<float>([1, 1, config.VocabularySize]);
        inputNames = ["input_ids", "attention_mask", .. Enumerable.Range(0, config.Layers).SelectMany(PastNames)];
        outputNames = ["logits", .. Enumerable.Range(0, config.Layers).SelectMany(PresentNames)];
        if (prefixLength > 0)
        {
            Run(prefix, 0);
        }
    }

    /// <summary>Logits of the labels after prefix + suffix. The suffix has at least one token and fits into the context with the prefix.</summary>
    public void Score(ReadOnlySpan<int> suffix, Span<float> labelLogits)
    {
        Run(suffix, prefixLength);
        var row = logits.GetTensorDataAsSpan<float>();
        for (var i = 0; i < labels.Length; i++)
        {
            labelLogits[i] = row[labels[i]];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        run.Dispose();
        logits.Dispose();
        Array.ForEach(cache, c => c.Dispose());
        foreach (var slot in slots.Values)
        {
            slot.Ids.Dispose();
            slot.Mask.Dispose();
        }
    }

    internal static IEnumerable<string> PastNames(int layer) => [$"past_key_values.{layer}.key", $"past_key_values.{layer}.value"];

    private static IEnumerable<string> PresentNames(int layer) => [$"present.{layer}.key", $"present.{layer}.value"];

    private void Run(ReadOnlySpan<int> tokens, int past)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length, nameof(tokens));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(past + tokens.Length, capacity, nameof(tokens));
        if (!slots.TryGetValue(tokens.Length, out var slot))
        {
            slot = NewSlot(tokens.Length, past);
            slots.Add(tokens.Length, slot);
        }

        var ids = slot.Ids.GetTensorMutableDataAsSpan<long>();
        for (var i = 0; i < tokens.Length; i++)
        {
            ids[i] = tokens[i];
        }

        // Run with values, never IoBinding: a binding ignores active adapters
        model.Session.Run(run, inputNames, slot.Inputs, outputNames, slot.Outputs);
    }

    /// <summary>Inputs and outputs for one length of suffix, kept: a call then allocates next to nothing.</summary>
    private Slot NewSlot(int length, int past)
    {
        var ids = NewTensor<long>([1, length]);
        var attention = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, mask.AsMemory(0, past + length), [1, past + length]);
        return new Slot(ids, attention, [ids, attention, .. cache], [logits, .. cache]);
    }

    private static OrtValue NewTensor<T>(long[] shape)
        where T : unmanaged
    {
        var element = typeof(T) == typeof(long) ? TensorElementType.Int64 : TensorElementType.Float;
        return OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, element, shape);
    }

    private sealed record Slot(OrtValue Ids, OrtValue Mask, OrtValue[] Inputs, OrtValue[] Outputs);
}
