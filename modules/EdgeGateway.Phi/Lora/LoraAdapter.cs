using EdgeGateway.Phi.Weights;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeGateway.Phi.Lora;

/// <summary>
/// An adapter that fits one model, chosen call by call. Several may be loaded; disposing one lets calls under way finish on it, later ones are refused, and its
/// memory goes with the last of them.
/// </summary>
public sealed class LoraAdapter : IDisposable
{
    private readonly Leases leases;

    internal LoraAdapter(PhiModel model, string name, IEnumerable<(LoraSlot Slot, FloatTensor A, FloatTensor B)> factors)
    {
        Model = model;
        Name = name;
        var parts = factors.ToArray();
        InputNames = [.. parts.SelectMany(part => (string[])[part.Slot.A, part.Slot.B])];
        Inputs = [.. parts.SelectMany(part => (OrtValue[])[Native(part.A), Native(part.B)])];
        LargestRank = parts.Max(part => part.A.Shape[1]);
        leases = new Leases(Free);
    }

    /// <summary>Raised once when the adapter is disposed: who keeps something computed with it lets go of that.</summary>
    internal event Action<LoraAdapter>? Retired;

    /// <summary>Name of the file or folder that it came from, or that it was given.</summary>
    public string Name { get; }

    /// <summary>The highest rank that one linear layer is given; packed layers add up the ranks of their parts.</summary>
    public int LargestRank { get; }

    internal bool IsRetired => leases.IsClosed;

    internal bool IsFreed => leases.IsFreed;

    internal PhiModel Model { get; }

    internal string[] InputNames { get; }

    internal OrtValue[] Inputs { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (leases.Close())
        {
            Retired?.Invoke(this);
        }
    }

    internal void Take() => ObjectDisposedException.ThrowIf(!leases.TryTake(), this);

    internal void Return() => leases.Return();

    private static OrtValue Native(FloatTensor tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, Array.ConvertAll(tensor.Shape, size => (long)size));
        tensor.Data.CopyTo(value.GetTensorMutableDataAsSpan<float>());
        tensor.Clear();
        return value;
    }

    private void Free()
    {
        foreach (var input in Inputs)
        {
            input.GetTensorMutableDataAsSpan<float>().Clear();
            input.Dispose();
        }
    }
}
