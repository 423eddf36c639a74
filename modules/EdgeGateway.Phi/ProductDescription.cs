namespace EdgeGateway.Phi;

/// <summary>Products with weights that a model has once a layer, or once at all, and that are alike.</summary>
/// <param name="Kind">The graph's own name without the layer: "attn/qkv_proj", "lm_head".</param>
/// <param name="Operator">ONNX operator: MatMulNBits, DequantizeLinear (before a MatMul: the QDQ form), MatMul (float).</param>
/// <param name="Inputs">Numbers that go in (K).</param>
/// <param name="Outputs">Numbers that come out (N).</param>
/// <param name="Quantization">Null for float weights.</param>
/// <param name="Count">How many the model has of them.</param>
public sealed record ProductDescription(string Kind, string Operator, long Inputs, long Outputs, WeightQuantization? Quantization, int Count);
