using EdgeGateway.Phi.Onnx;
using DataType = EdgeGateway.Phi.Onnx.TensorProto.Types.DataType;

namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>Block-quantised weights as floats: (code - zero point) x scale, with one scale and zero point for each block of codes along an axis.</summary>
internal static class Quantized
{
    /// <summary>The weight [N, K] of a MatMulNBits node, whatever the shape of scales and zero points. The last codes of a row may be padding beyond K.</summary>
    public static Tensor Weight(NodeProto node, Tensor codes, Tensor scales, Tensor? zeros)
    {
        var (rows, bits) = (node.Whole("N"), node.Whole("bits", 4));
        return Dequantize(Unpack(codes, bits, rows, node.Whole("K")), scales, ZeroPoints(zeros, bits, rows, scales), 1 << (bits - 1), 1, node.Whole("block_size"));
    }

    /// <summary>The table [vocabulary, hidden] of a GatherBlockQuantized node: codes of 4-bit type, or bytes that hold them as those of MatMulNBits do.</summary>
    public static Tensor Table(NodeProto node, Tensor codes, Tensor scales, Tensor? zeros)
    {
        var (rows, bits, axis, block) = (codes.Shape[0], node.Whole("bits", 4), node.Whole("quantize_axis", 1), node.Whole("block_size", 128));
        return codes.Type == DataType.Uint8
            ? Dequantize(Unpack(codes, bits, rows, codes.Columns * 8 / bits), scales, ZeroPoints(zeros, bits, rows, scales), 1 << (bits - 1), axis, block)
            : Dequantize(codes, scales, zeros, 0, axis, block);
    }

    /// <param name="codes">Of any shape.</param>
    /// <param name="scales">As many along the axis as there are blocks, the last of which may be cut short.</param>
    /// <param name="zeros">As many as scales; null gives every block the absent one.</param>
    /// <param name="absent">The operator's zero point where none are given.</param>
    /// <param name="axis">Along which blocks lie.</param>
    /// <param name="block">Codes in a block.</param>
    public static Tensor Dequantize(Tensor codes, Tensor scales, Tensor? zeros, float absent, int axis, int block)
    {
        var (length, inner) = (codes.Shape[axis], codes.Shape[(axis + 1)..].Aggregate(1, (product, size) => product * size));
        var blocks = (length + block - 1) / block;
        var numbers = new float[codes.Data.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            var at = (((i / (inner * length) * blocks) + (i / inner % length / block)) * inner) + (i % inner);
            numbers[i] = (codes.Data[i] - (zeros?.Data[at] ?? absent)) * scales.Data[at];
        }

        return new Tensor(codes.Shape, numbers);
    }

    private static Tensor? ZeroPoints(Tensor? bytes, int bits, int rows, Tensor scales) => bytes is null ? null : Unpack(bytes, bits, rows, scales.Data.Length / rows);

    /// <summary>
    /// Codes [rows, columns] out of bytes, the first one in the low bits. Each row begins with a byte of its own and may have more codes than are asked for.
    /// </summary>
    private static Tensor Unpack(Tensor bytes, int bits, int rows, int columns)
    {
        var (each, perByte) = (bytes.Data.Length / rows, 8 / bits);
        var codes = new Tensor([rows, columns], new float[rows * columns]);
        for (var i = 0; i < codes.Data.Length; i++)
        {
            var (row, column) = (i / columns, i % columns);
            codes.Data[i] = ((int)bytes.Data[(row * each) + (column / perByte)] >> (bits * (column % perByte))) & ((1 << bits) - 1);
        }

        return codes;
    }
}
