using EdgeGateway.ModelKit.RandomModels;
using EdgeGateway.Phi.Weights;

namespace EdgeGateway.Tests.ModelKit.Vectors;

/// <summary>A model of tests/vectors/models: its shape, and what it is asked.</summary>
/// <param name="Tokenizer">Name of its tokenizer's folder.</param>
/// <param name="Lengths">Tokens of the prompts of random ids, by the name of the case.</param>
internal sealed record VectorModel(string Name, string Tokenizer, Phi3Config Config, GraphForm Form, IReadOnlyList<(string Name, int Tokens)> Lengths)
{
    /// <summary>Greedy tokens of each case.</summary>
    public const int NewTokens = 8;

    private const int Seed = 11;
    private const int Exact = 1;

    private static readonly Phi3Config Tiny = new()
    {
        VocabularySize = 304,
        HiddenSize = 32,
        IntermediateSize = 48, // no multiple of the block: the last one of each row is padded
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 16,
        MaxPositions = 64,
        EndToken = 2,
    };

    public static IReadOnlyList<VectorModel> All { get; } =
    [
        new("phi3-window", "byte-fallback", Tiny with { SlidingWindow = 15 }, new GraphForm(), [("one", 1), ("two", 2), ("window", 15), ("window+1", 16), ("33", 33), ("context", 64 - NewTokens)]),
        new(
            "phi4-longrope",
            "byte-level-split",
            Tiny with { Heads = 2, KeyValueHeads = 1, HeadSize = 64, BeginToken = 280, EndToken = 280, PadToken = 280 },
            new GraphForm { RotaryShare = .75, SharedEmbedding = true, LongRope = new LongRope(24, [.. Enumerable.Range(0, 24).Select(i => (float)Math.Pow(8, i / 23.0))]) },
            [("one", 1), ("two", 2), ("below", 24 - NewTokens), ("crossed", 20), ("at", 24), ("above", 25), ("33", 33), ("context", 64 - NewTokens)]),
        new(
            "phi2",
            "byte-level",
            Tiny with { Heads = 2, KeyValueHeads = 2, HeadSize = 32, NormEpsilon = 1e-6, BeginToken = 280, EndToken = 280, PadToken = 280 },
            new GraphForm { Phi2 = true, RotaryShare = .5 },
            [("one", 1), ("two", 2), ("33", 33), ("context", 64 - NewTokens)]),
    ];

    /// <summary>Writes the folder without its reference.json.</summary>
    public void Write(string folder, string tokenizerJson) =>
        ModelFolderWriter.Write(folder, Config, Form, new RandomWeights(Seed, _ => { }), tokenizerJson, Exact);
}
