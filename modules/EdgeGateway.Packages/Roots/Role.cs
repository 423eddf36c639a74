using System.Collections.Immutable;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Roots;

/// <summary>Whose signatures count for something, and how many are enough.</summary>
/// <param name="Threshold">1 to the number of keys.</param>
/// <param name="Keys">1 to 16, none twice.</param>
public sealed record Role(int Threshold, ImmutableArray<VerificationKey> Keys)
{
    /// <summary>How many distinct keys of the role signed an envelope.</summary>
    public int CountSigners(Envelope envelope) => envelope.Signers(Keys).Length;
}
