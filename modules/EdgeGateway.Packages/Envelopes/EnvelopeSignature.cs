using System.Collections.Immutable;

namespace EdgeGateway.Packages.Envelopes;

/// <summary>Somebody's signature in an envelope; unproven until <see cref="Envelope.Signers"/> counts it.</summary>
/// <param name="KeyId">A hint whose it is; empty: none given.</param>
/// <param name="Bytes">64 for Ed25519; of any length when it is foreign.</param>
public sealed record EnvelopeSignature(string KeyId, ImmutableArray<byte> Bytes);
