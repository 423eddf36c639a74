using System.Runtime.InteropServices;
using EdgeGateway.Phi.Weights;
using static EdgeGateway.Phi.Onnx.TensorProto.Types;

namespace EdgeGateway.ModelKit.RandomModels;

/// <summary>
/// Random weights, made as they are written. A matrix keeps the spread of what goes through it: its rows have the length 1. Norms are near 1, biases near 0.
/// </summary>
/// <param name="report">Hears how many bytes were made.</param>
internal sealed class RandomWeights(int seed, Action<long> report) : WeightSource
{
    /// <summary>Root mean square of a code, 0 to 15, minus 8.</summary>
    private const float CodeSpread = 4.637f;

    private readonly Random random = new(seed);
    private long made;

    public override void AddFloat(WeightFile file, string name, params ReadOnlySpan<int> shape)
    {
        var (centre, spread) = name.EndsWith(".bias", StringComparison.Ordinal) ? (0f, .05f) : shape.Length == 1 ? (1f, .1f) : (0f, 1f);
        Add(file, name, () => centre + (spread * MathF.Sqrt(3) * ((2 * random.NextSingle()) - 1)), shape);
    }

    public override void AddInt4(WeightFile file, string name, int rows, int columns)
    {
        var blocks = (columns + Int4Block.Size - 1) / Int4Block.Size;
        file.Add(WeightFile.Codes(name), DataType.Uint8, piece => random.NextBytes(Counted(piece)), rows, blocks, Int4Block.Size / 2);

        // codes are centred on -0.5: scales of both signs keep that from adding up over a row
        var scale = 1 / (CodeSpread * MathF.Sqrt(columns));
        Add(file, WeightFile.Scales(name), () => scale * (.5f + random.NextSingle()) * (1 - (2 * random.Next(2))), rows, blocks);
    }

    private void Add(WeightFile file, string name, Func<float> next, params ReadOnlySpan<int> shape) => file.Add(name, DataType.Float, piece =>
    {
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(Counted(piece)))
        {
            value = next();
        }
    }, shape);

    private Span<byte> Counted(Span<byte> piece)
    {
        report(made += piece.Length);
        return piece;
    }
}
