namespace EdgeGateway.Updates.Proving;

/// <summary>What a proof says of a model or adapter.</summary>
/// <param name="Code">Why it is refused, as docs/formats/package.md writes it (section Proof); null: it passed.</param>
/// <param name="Sentence">For an operator, with the figures; "" when it passed.</param>
internal sealed record ProofResult(string? Code, string Sentence)
{
    /// <summary>It passed.</summary>
    public static ProofResult Passed { get; } = new(null, "");

    /// <summary>Whether it passed.</summary>
    public bool IsPassed => Code is null;

    /// <summary>Refused.</summary>
    public static ProofResult Refused(string code, string sentence) => new(code, sentence);
}
