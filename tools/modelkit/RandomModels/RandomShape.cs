using EdgeGateway.Phi.Weights;

namespace EdgeGateway.ModelKit.RandomModels;

/// <summary>A shape that random models can have.</summary>
internal sealed record RandomShape(string Name, Phi3Config Config, GraphForm Form)
{
    private const int AccuracyLevel = 4; // the official builder's default for CPUs

    private static readonly Phi3Config Small = new()
    {
        VocabularySize = 2048,
        HiddenSize = 256,
        IntermediateSize = 768,
        Layers = 8,
        Heads = 8,
        KeyValueHeads = 8,
        HeadSize = 32,
        MaxPositions = 2048,
        BeginToken = ByteTokenizer.EndOfText,
        EndToken = ByteTokenizer.EndOfText,
        PadToken = ByteTokenizer.EndOfText,
    };

    private static readonly Phi3Config Phi3Mini = Small with
    {
        VocabularySize = 32064,
        HiddenSize = 3072,
        IntermediateSize = 8192,
        Layers = 32,
        Heads = 32,
        KeyValueHeads = 32,
        HeadSize = 96,
        MaxPositions = 4096,
        SlidingWindow = 2047,
    };

    /// <summary>The known shapes; phi3-mini is Phi-3-mini-4k.</summary>
    public static IReadOnlyList<RandomShape> All { get; } =
    [
        new("phi3-mini", Phi3Mini, new GraphForm()),
        new(
            "phi4-mini",
            Phi3Mini with { VocabularySize = 200064, Heads = 24, KeyValueHeads = 8, HeadSize = 128, MaxPositions = 131072, SlidingWindow = null },
            new GraphForm { RotaryShare = .75, SharedEmbedding = true, LongRope = new LongRope(4096, LongFactors(48)) }),
        new(
            "phi2",
            Phi3Mini with { VocabularySize = 51200, HiddenSize = 2560, IntermediateSize = 10240, HeadSize = 80, MaxPositions = 2048, SlidingWindow = null, NormEpsilon = 1e-6 },
            new GraphForm { Phi2 = true, RotaryShare = .4 }),
        new("small", Small, new GraphForm()),
        new("medium", Small with { VocabularySize = 8192, HiddenSize = 512, IntermediateSize = 1536, Layers = 12, HeadSize = 64 }, new GraphForm()),
    ];

    /// <summary>What the folder takes on a disk, up to a hundredth more than it does.</summary>
    public long Bytes
    {
        get
        {
            var heads = (long)Config.HeadSize * ((2 * Config.Heads) + (2 * Config.KeyValueHeads));
            var mlp = (long)Config.IntermediateSize * (Form.Phi2 ? 2 : 3);
            var head = (long)Config.VocabularySize * Config.HiddenSize;
            var rounded = (Config.Layers * Config.HiddenSize * (heads + mlp)) + head;
            var tables = (long)(2 * sizeof(float) * (Config.MaxPositions + (Form.LongRope?.OriginalContext ?? 0)) * Config.HeadSize * Form.RotaryShare / 2);
            var block = (Int4Block.Size / 2) + sizeof(float);
            return (long)(1.01 * ((rounded / Int4Block.Size * block) + (Form.SharedEmbedding ? 0 : head * sizeof(float)) + tables));
        }
    }

    /// <summary>Writes the model; <paramref name="report"/> hears how many bytes are done.</summary>
    public void Write(string folder, int seed, Action<long> report) =>
        ModelFolderWriter.Write(folder, Config, Form, new RandomWeights(seed, report), ByteTokenizer.Json(), AccuracyLevel);

    /// <summary>Growing from 1 to 32, as the published ones do, but for their last, which are measured.</summary>
    private static float[] LongFactors(int count) => [.. Enumerable.Range(0, count).Select(i => (float)Math.Pow(32, Math.Min(1, i / 31.0)))];
}
