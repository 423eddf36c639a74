namespace EdgeGateway.Phi;

/// <summary>How token ids become vectors.</summary>
/// <param name="Operator">ONNX operator: Gather (float table), GatherBlockQuantized.</param>
/// <param name="Quantization">Null for a float table.</param>
/// <param name="SharedWithHead">One matrix in the file is both embedding and head.</param>
public sealed record EmbeddingDescription(string Operator, WeightQuantization? Quantization, bool SharedWithHead);
