using System.Numerics.Tensors;

namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>Operators that work on whole rows.</summary>
internal static class Rows
{
    /// <summary>ONNX's Gather: takes slices along an axis; an index below 0 counts from the end.</summary>
    public static Tensor Gather(Tensor x, Tensor indices, int axis)
    {
        var (length, inner) = (x.Shape[axis], x.Shape[(axis + 1)..].Aggregate(1, (product, size) => product * size));
        var numbers = new List<float>();
        for (var outer = 0; outer < x.Data.Length; outer += length * inner)
        {
            foreach (var index in indices.Data)
            {
                numbers.AddRange(x.Data.AsSpan(outer + ((int)(index < 0 ? index + length : index) * inner), inner));
            }
        }

        return x with { Shape = [.. x.Shape[..axis], .. indices.Shape, .. x.Shape[(axis + 1)..]], Data = [.. numbers] };
    }

    /// <summary>Each row of x times each row of the weight: x [.., K] and weight [N, K] give [.., N].</summary>
    public static Tensor Multiply(Tensor x, Tensor weight)
    {
        var result = x.WithColumns(weight.Rows);
        for (var row = 0; row < x.Rows; row++)
        {
            for (var column = 0; column < result.Columns; column++)
            {
                result.Row(row)[column] = TensorPrimitives.Dot<float>(x.Row(row), weight.Row(column));
            }
        }

        return result;
    }

    public static Tensor Transpose(Tensor x)
    {
        var result = new Tensor([x.Columns, x.Rows], new float[x.Data.Length]);
        for (var i = 0; i < x.Data.Length; i++)
        {
            result.Data[(i % x.Columns * x.Rows) + (i / x.Columns)] = x.Data[i];
        }

        return result;
    }

    /// <summary>LayerNormalization over the last dimension; without a bias it is the RMS norm, which takes no mean off.</summary>
    public static Tensor Normalize(Tensor x, Tensor scale, Tensor? bias, float epsilon)
    {
        var result = x.WithColumns(x.Columns);
        for (var row = 0; row < x.Rows; row++)
        {
            var numbers = x.Row(row).ToArray();
            var mean = bias is null ? 0 : numbers.Sum() / numbers.Length;
            var deviation = MathF.Sqrt((numbers.Sum(number => (number - mean) * (number - mean)) / numbers.Length) + epsilon);
            for (var i = 0; i < numbers.Length; i++)
            {
                result.Row(row)[i] = ((numbers[i] - mean) / deviation * scale.Data[i]) + (bias?.Data[i] ?? 0);
            }
        }

        return result;
    }
}
