using System.Runtime.InteropServices;
using EdgeGateway.Phi.Files;

namespace EdgeGateway.Phi.Onnx;

/// <summary>
/// The weights of a MatMulNBits product (ONNX Runtime's contrib operators): [outputs, blocks, block] codes of 4 or 8 bits, low nibble first, a scale for each block and, optionally, a zero
/// point, two to a byte in 4 bits, each output's row padded to whole bytes.
/// </summary>
internal sealed class BlockWeights
{
    private readonly byte[] codes;
    private readonly float[] scales;
    private readonly byte[]? zeroPoints;
    private readonly int bits;
    private readonly int block;
    private readonly int blocks;

    /// <summary>Reads the tensors of a node whose sizes were checked.</summary>
    public BlockWeights(OnnxGraph graph, NodeProto node, ModelFiles files)
    {
        (Inputs, Outputs) = ((int)node.Integer("K", 0), (int)node.Integer("N", 0));
        (bits, block) = ((int)node.Integer("bits", 4), (int)node.Integer("block_size", 0));
        blocks = (Inputs + block - 1) / block;
        codes = files.ReadTensor(graph.Weight(node.Input[1])!);
        scales = MemoryMarshal.Cast<byte, float>(files.ReadTensor(graph.Weight(node.Input[2])!)).ToArray();
        zeroPoints = node.InputAt(3) is { } name ? files.ReadTensor(graph.Weight(name)!) : null;
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Whether a node's weights can be read here: constants, float scales, byte zero points, no reordering.</summary>
    public static bool CanRead(OnnxGraph graph, NodeProto node) => node.OpType == "MatMulNBits"
        && HasData(graph.Weight(node.Input[1]), TensorProto.Types.DataType.Uint8)
        && HasData(graph.Weight(node.Input[2]), TensorProto.Types.DataType.Float)
        && (node.InputAt(3) is not { } zeros || HasData(graph.Weight(zeros), TensorProto.Types.DataType.Uint8))
        && node.InputAt(4) is null && node.InputAt(5) is null;

    /// <summary>The weights of one output, [Inputs].</summary>
    public void Dequantize(int output, Span<float> row)
    {
        for (var i = 0; i < Inputs; i++)
        {
            var at = (output * blocks) + (i / block);
            row[i] = (Code(((long)at * block) + (i % block), codes) - ZeroPoint(output, i / block)) * scales[at];
        }
    }

    private static bool HasData(TensorProto? tensor, TensorProto.Types.DataType type) => tensor is not null && tensor.DataType == type && (tensor.HasRawData || tensor.ExternalData.Count > 0);

    private int ZeroPoint(int output, int inBlock)
    {
        if (zeroPoints is null)
        {
            return 1 << (bits - 1);
        }

        var rowOfCodes = bits == 8 ? blocks : (blocks + 1) / 2 * 2;
        return Code(((long)output * rowOfCodes) + inBlock, zeroPoints);
    }

    private int Code(long index, byte[] from) => bits == 8 ? from[index] : (from[index / 2] >> (int)(4 * (index % 2))) & 15;
}
