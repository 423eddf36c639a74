using System.Collections.Immutable;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Groups;

/// <summary>Reported keys, held against a list that a person confirmed.</summary>
/// <param name="Members">Keys whose fingerprints are confirmed for their devices: these may be granted.</param>
/// <param name="Refusals">A sentence for every reported key that is not, and for every confirmed device without one that is.</param>
public sealed record Confirmation(ImmutableArray<X25519Recipient> Members, ImmutableArray<string> Refusals);
