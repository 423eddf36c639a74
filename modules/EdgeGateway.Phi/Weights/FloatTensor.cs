namespace EdgeGateway.Phi.Weights;

/// <summary>Float weights in row-major order.</summary>
public sealed class FloatTensor
{
    /// <summary>Takes over both arrays. Throws when the shape does not give the number of values.</summary>
    public FloatTensor(int[] shape, float[] data)
    {
        var elements = shape.Aggregate(1L, (product, size) => checked(product * size));
        if (elements != data.Length || Array.Exists(shape, size => size < 0))
        {
            throw new ArgumentException($"the shape [{string.Join(", ", shape)}] does not fit {data.Length} values", nameof(shape));
        }

        Shape = shape;
        Data = data;
    }

    /// <summary>Sizes, outermost first.</summary>
    public int[] Shape { get; }

    /// <summary>The values.</summary>
    public float[] Data { get; }

    /// <summary>Zeros that do not move in memory: whoever clears them again leaves no copy behind.</summary>
    internal static float[] NewData(int length) => GC.AllocateArray<float>(length, pinned: true);

    /// <summary>Forgets the values.</summary>
    internal void Clear() => Array.Clear(Data);
}
