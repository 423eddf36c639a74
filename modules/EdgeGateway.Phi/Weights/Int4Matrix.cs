namespace EdgeGateway.Phi.Weights;

/// <summary>
/// A matrix [Rows, Columns] in symmetric 4-bit blocks of 32 along the columns, in the layout of ONNX Runtime's MatMulNBits:
/// weight = (code - 8) * scale of its block.
/// </summary>
/// <param name="Rows">Outputs of the linear layer (N).</param>
/// <param name="Columns">Inputs of the linear layer (K); the last block is padded with zeros.</param>
/// <param name="Codes">[Rows, blocks, 16], two codes to a byte, the even column in the low four bits.</param>
/// <param name="Scales">[Rows, blocks]; may be negative.</param>
public sealed record Int4Matrix(int Rows, int Columns, byte[] Codes, float[] Scales)
{
    /// <summary>Blocks of a row.</summary>
    public int Blocks => (Columns + Int4Block.Size - 1) / Int4Block.Size;
}
