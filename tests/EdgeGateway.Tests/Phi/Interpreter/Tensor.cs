using EdgeGateway.Phi.Onnx;
using DataType = EdgeGateway.Phi.Onnx.TensorProto.Types.DataType;

namespace EdgeGateway.Tests.Phi.Interpreter;

/// <summary>
/// Numbers of any ONNX type as float32, in row-major order. Whole numbers are exact up to 2^24, which token ids, lengths and quantised codes stay below.
/// The last dimension makes the columns, all others the rows.
/// </summary>
internal sealed record Tensor(int[] Shape, float[] Data, DataType Type = DataType.Float)
{
    public int Columns => Shape[^1];

    public int Rows => Shape[..^1].Aggregate(1, (product, size) => product * size);

    public Span<float> Row(int row) => Data.AsSpan(row * Columns, Columns);

    /// <summary>A tensor of the same rows with other columns, for operators that treat rows apart.</summary>
    public Tensor WithColumns(int columns) => new([.. Shape[..^1], columns], new float[Rows * columns]);
}
