namespace EdgeGateway.Phi;

/// <summary>How the products of a model with 4- or 8-bit weights are computed.</summary>
public enum ComputeForm
{
    /// <summary>Float activations, weights as they are: within rounding of the float reference and the same on every machine.</summary>
    Float,

    /// <summary>As the graph asks, which mostly rounds activations to 8 bits block by block: the fastest form for one token at a time, and for models too large for <see cref="Int8"/>.</summary>
    AsBuilt,

    /// <summary>
    /// 8-bit activations with a scale a row and 8-bit weights with a scale an output: the fastest form for many tokens from some million parameters on, where the CPU multiplies
    /// 8-bit integers. Takes twice the memory of 4-bit weights.
    /// </summary>
    Int8,

    /// <summary>The fastest of the others on this machine for prompts of some dozen tokens, measured when the model is loaded.</summary>
    Fastest,
}
