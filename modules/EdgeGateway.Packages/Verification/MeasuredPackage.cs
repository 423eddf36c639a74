using System.Collections.Immutable;

namespace EdgeGateway.Packages.Verification;

/// <summary>A package as it lies somewhere: facts, not judged.</summary>
/// <param name="Envelope">Bytes of manifest.json, at most one more than an envelope may have; empty when there is no such plain file.</param>
/// <param name="Blobs">By the sealed digest in their names; what is missing is not there.
/// Empty before any was fetched: all else is judged then, and the rest is refused as <see cref="RefusalCode.BlobMissing"/>, which waits.</param>
public sealed record MeasuredPackage(ReadOnlyMemory<byte> Envelope, ImmutableDictionary<string, MeasuredBlob> Blobs);
