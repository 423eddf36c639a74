namespace EdgeGateway.Phi;

/// <summary>How a model is loaded.</summary>
/// <param name="Exact">
/// Compute 4-bit products in float (accuracy_level 1) instead of 8-bit activations: the results agree with the float reference to 5e-5, and a verdict is as fast or faster.
/// </param>
/// <param name="LastRowOnly">Give logits of the last position alone, which is all that a verdict reads.</param>
public sealed record PhiModelOptions(bool Exact = true, bool LastRowOnly = true);
