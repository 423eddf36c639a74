namespace EdgeGateway.Phi.Weights;

/// <summary>In what a graph differs from the plain Phi-3 form.</summary>
internal sealed record GraphForm
{
    /// <summary>Phi-2: layer norms with bias, attention and MLP side by side, GELU, a bias after every product.</summary>
    public bool Phi2 { get; init; }

    /// <summary>Rotated part of a head, above 0 up to 1; the numbers that it gives must be a multiple of 16.</summary>
    public double RotaryShare { get; init; } = 1;

    /// <summary>Phi-4-mini: one 4-bit matrix is both embedding and head.</summary>
    public bool SharedEmbedding { get; init; }

    /// <summary>Two rotary tables, chosen by the total length; null for one.</summary>
    public LongRope? LongRope { get; init; }
}
