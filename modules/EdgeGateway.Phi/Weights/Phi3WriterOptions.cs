namespace EdgeGateway.Phi.Weights;

/// <summary>How a model folder is written.</summary>
public sealed class Phi3WriterOptions
{
    /// <summary>
    /// accuracy_level of the 4-bit products: 4 (the official builder's default for CPUs) lets a runtime round activations to 8 bits, 1 asks for float.
    /// This engine loads either as exact unless told otherwise.
    /// </summary>
    public int AccuracyLevel { get; init; } = 4;
}
