using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeGateway.Phi;

/// <summary>
/// Keys and values of every layer, [1, KeyValueHeads, Capacity, HeadSize] float each, allocated once. A run gets the same tensors as past and as
/// present, so it writes its rows in place and leaves the earlier ones untouched.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    public KeyValueCache(PhiModelConfig config, int capacity)
    {
        Capacity = capacity;
        Tensors = new OrtValue[2 * config.Layers];
        PastNames = new string[Tensors.Length];
        PresentNames = new string[Tensors.Length];
        long[] shape = [1, config.KeyValueHeads, capacity, config.HeadSize];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var (key, value) = (2 * layer, (2 * layer) + 1);
            PastNames[key] = config.Names.PastKey(layer);
            PastNames[value] = config.Names.PastValue(layer);
            PresentNames[key] = config.Names.PresentKey(layer);
            PresentNames[value] = config.Names.PresentValue(layer);
        }

        try
        {
            for (var i = 0; i < Tensors.Length; i++)
            {
                Tensors[i] = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, shape);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Tokens that fit.</summary>
    public int Capacity { get; }

    public OrtValue[] Tensors { get; }

    public string[] PastNames { get; }

    public string[] PresentNames { get; }

    public void Dispose()
    {
        foreach (var tensor in Tensors)
        {
            tensor?.Dispose();
        }
    }
}
