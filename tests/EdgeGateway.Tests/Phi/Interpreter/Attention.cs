using System.Numerics.Tensors;
using EdgeGateway.Phi.Onnx;

namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>
/// GroupQueryAttention with nothing cached: each position attends to itself and those before it, within the window if there is one; several query heads
/// share a key and value head. Queries and keys are rotated here.
/// </summary>
internal static class Attention
{
    /// <param name="node">Heads, scale, window.</param>
    /// <param name="query">[1, S, heads x size]; or, without key and value, all three side by side.</param>
    /// <param name="key">[1, S, key heads x size].</param>
    /// <param name="value">[1, S, key heads x size].</param>
    /// <param name="lengths">Keys less one, of each sequence.</param>
    /// <param name="cos">[positions, half the rotated part of a head].</param>
    /// <param name="sin">Like cos.</param>
    public static Tensor Run(NodeProto node, Tensor query, Tensor? key, Tensor? value, Tensor lengths, Tensor cos, Tensor sin)
    {
        var (heads, keyHeads, window) = (node.Whole("num_heads"), node.Whole("kv_num_heads"), node.Whole("local_window_size", -1));
        if (lengths.Data is not [var last] || last + 1 != query.Rows
            || node.Whole("do_rotary", 0) != 1 || node.Whole("rotary_interleaved", 0) != 0 || node.Real("softcap", 0) != 0)
        {
            throw new NotSupportedException($"{node.Name}: attention with a past, with several sequences, or of another form");
        }

        if (key is null || value is null)
        {
            var queries = query.Columns / (heads + (2 * keyHeads)) * heads;
            var keys = (query.Columns - queries) / 2;
            return Run(node, Columns(query, 0, queries), Columns(query, queries, keys), Columns(query, queries + keys, keys), lengths, cos, sin);
        }

        var size = query.Columns / heads;
        (query, key) = (Rotate(query, size, cos, sin), Rotate(key, size, cos, sin));
        var scale = node.Real("scale", 0) is var given && given != 0 ? given : 1 / MathF.Sqrt(size);
        var result = query.WithColumns(heads * size);
        for (var position = 0; position < query.Rows; position++)
        {
            var first = window > 0 ? Math.Max(0, position - window + 1) : 0;
            for (var head = 0; head < heads; head++)
            {
                var (own, shared) = (head * size, head / (heads / keyHeads) * size);
                Attend(query.Row(position).Slice(own, size), key, value, first..(position + 1), shared, scale, result.Row(position).Slice(own, size));
            }
        }

        return result;
    }

    private static void Attend(ReadOnlySpan<float> query, Tensor key, Tensor value, Range visible, int shared, float scale, Span<float> output)
    {
        var (first, count) = visible.GetOffsetAndLength(key.Rows);
        var weights = new float[count];
        for (var i = 0; i < count; i++)
        {
            weights[i] = TensorPrimitives.Dot(query, key.Row(first + i).Slice(shared, query.Length)) * scale;
        }

        var largest = weights.Max();
        var sum = 0f;
        for (var i = 0; i < count; i++)
        {
            weights[i] = MathF.Exp(weights[i] - largest);
            sum += weights[i];
        }

        for (var i = 0; i < count; i++)
        {
            TensorPrimitives.MultiplyAdd(value.Row(first + i).Slice(shared, query.Length), weights[i] / sum, output, output);
        }
    }

    /// <summary>Turns the pairs (i, i + half) of the first part of each head by the angle of the row's position; the rest of a head stays.</summary>
    private static Tensor Rotate(Tensor x, int size, Tensor cos, Tensor sin)
    {
        var (half, result) = (cos.Columns, (float[])x.Data.Clone());
        for (var head = 0; head < x.Data.Length; head += size)
        {
            var position = head / x.Columns;
            for (var i = 0; i < half; i++)
            {
                var (left, right) = (x.Data[head + i], x.Data[head + half + i]);
                var (c, s) = (cos.Row(position)[i], sin.Row(position)[i]);
                result[head + i] = (left * c) - (right * s);
                result[head + half + i] = (right * c) + (left * s);
            }
        }

        return x with { Data = result };
    }

    private static Tensor Columns(Tensor x, int start, int count)
    {
        var result = x.WithColumns(count);
        for (var row = 0; row < x.Rows; row++)
        {
            x.Row(row).Slice(start, count).CopyTo(result.Row(row));
        }

        return result;
    }
}
