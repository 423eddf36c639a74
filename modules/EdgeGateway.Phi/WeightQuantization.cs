namespace EdgeGateway.Phi;

/// <summary>How a matrix of weights is kept in few bits.</summary>
/// <param name="Bits">Bits of a code, 4 or 8.</param>
/// <param name="BlockSize">Weights that share a scale, 16 to 1024.</param>
/// <param name="Symmetric">No zero points: codes are centred.</param>
/// <param name="AccuracyLevel">accuracy_level of MatMulNBits: 0 and 1 compute in float, 4 rounds activations to 8 bits; null where the graph states none by its form.</param>
public sealed record WeightQuantization(int Bits, int BlockSize, bool Symmetric, int? AccuracyLevel);
