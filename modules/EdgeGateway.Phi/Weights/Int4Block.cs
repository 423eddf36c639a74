using System.Numerics.Tensors;

namespace EdgeGateway.Phi.Weights;

/// <summary>
/// The quantiser: per block of 32 inputs, scale = (value of largest magnitude, signed) / -8 and code = clip(round(weight / scale), -8, 7), ties to
/// even. The value of largest magnitude is kept exactly; another may be off by half a scale, one near the opposite end by a whole one.
/// </summary>
public static class Int4Block
{
    /// <summary>Weights that share a scale.</summary>
    public const int Size = 32;

    private const int Zero = 8;

    /// <summary>Rounds a matrix [outputs, inputs] of finite weights.</summary>
    public static Int4Matrix Quantize(FloatTensor weights)
    {
        if (weights.Shape is not [var rows, var columns])
        {
            throw new ArgumentException($"only a matrix can be quantised, not the shape [{string.Join(", ", weights.Shape)}]", nameof(weights));
        }

        var blocks = (columns + Size - 1) / Size;
        var matrix = new Int4Matrix(rows, columns, new byte[rows * blocks * Size / 2], new float[rows * blocks]);
        Span<float> block = stackalloc float[Size];
        for (var i = 0; i < rows * blocks; i++)
        {
            var start = i % blocks * Size;
            block.Clear();
            weights.Data.AsSpan((i / blocks * columns) + start, Math.Min(Size, columns - start)).CopyTo(block);
            matrix.Scales[i] = QuantizeBlock(block, matrix.Codes.AsSpan(i * Size / 2, Size / 2));
        }

        return matrix;
    }

    /// <summary>The weights that the rounded matrix stands for, [outputs, inputs].</summary>
    public static FloatTensor Dequantize(Int4Matrix matrix)
    {
        var data = new float[matrix.Rows * matrix.Columns];
        for (var row = 0; row < matrix.Rows; row++)
        {
            for (var column = 0; column < matrix.Columns; column++)
            {
                var block = (row * matrix.Blocks) + (column / Size);
                var pair = matrix.Codes[(block * Size / 2) + (column % Size / 2)];
                var code = column % 2 == 0 ? pair & 15 : pair >> 4;
                data[(row * matrix.Columns) + column] = (code - Zero) * matrix.Scales[block];
            }
        }

        return new FloatTensor([matrix.Rows, matrix.Columns], data);
    }

    private static float QuantizeBlock(ReadOnlySpan<float> block, Span<byte> codes)
    {
        var largest = block[TensorPrimitives.IndexOfMaxMagnitude(block)];
        if (!float.IsFinite(largest))
        {
            throw new ArgumentException("the weights hold a value that is not finite", nameof(block));
        }

        var scale = largest / -Zero;
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)(Code(block[2 * i], scale) | (Code(block[(2 * i) + 1], scale) << 4));
        }

        return scale;
    }

    private static int Code(float weight, float scale) => scale == 0 ? Zero : Zero + (int)Math.Clamp(MathF.Round(weight / scale), -Zero, Zero - 1);
}
