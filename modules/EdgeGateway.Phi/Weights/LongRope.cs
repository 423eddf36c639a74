namespace EdgeGateway.Phi.Weights;

/// <summary>Longrope scaling (Hugging Face's rope_scaling of that type); the short table is the plain one.</summary>
/// <param name="OriginalContext">original_max_position_embeddings: the longest total length that uses the short table.</param>
/// <param name="LongFactors">long_factor: what each frequency is divided by in the long table.</param>
internal sealed record LongRope(int OriginalContext, float[] LongFactors)
{
    /// <summary>What both tables are multiplied by.</summary>
    public double Magnitude(int context) => Math.Sqrt(1 + (Math.Log((double)context / OriginalContext) / Math.Log(OriginalContext)));
}
