namespace EdgeGateway.Phi;

/// <summary>How a model folder is loaded.</summary>
public sealed class PhiModelOptions
{
    /// <summary>
    /// Threads that work on one call, the calling one included. Default 1: as many callers as cores, each with its own
    /// <see cref="LabelScorer"/>, give more verdicts a second than one caller with many threads. None of them spins while waiting.
    /// </summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Computes 4- and 8-bit products with float activations, whatever accuracy level the graph asks for. Default true: verdicts are
    /// then within rounding of the float reference and the same on every machine. False leaves the graph's own choice
    /// (mostly int8 activations: faster from about 10 million parameters on CPUs with VNNI).
    /// </summary>
    public bool Exact { get; init; } = true;
}
