using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Packages.Verification;

/// <summary>A package that passed every check; <see cref="PackageVerifier"/> alone makes it, and what opens blobs takes nothing else.</summary>
public sealed class AcceptedPackage
{
    internal AcceptedPackage(PackageManifest manifest, GroupRecipient key, TrustState trust) => (Manifest, Key, Trust) = (manifest, key, trust);

    /// <summary>What was accepted.</summary>
    public PackageManifest Manifest { get; }

    /// <summary>Which of the device's group keys opens the blobs.</summary>
    public GroupRecipient Key { get; }

    /// <summary>The state to keep once the package is in place: floors raised, the newest signed time moved on.</summary>
    public TrustState Trust { get; }

    /// <summary>Judges a blob that was opened to its end, before anything uses it.</summary>
    /// <param name="blob">One of the manifest's.</param>
    /// <param name="length">Plain bytes that came out.</param>
    /// <param name="sha256">Of these bytes.</param>
    /// <returns>Null when it is what the manifest says; else <see cref="RefusalCode.PlainLength"/> or <see cref="RefusalCode.PlainDigest"/>.</returns>
    public static Refusal? CheckOpened(PackageBlob blob, long length, string sha256) => PlainChecks.FirstFinding((blob, length, sha256));

    internal static IReadOnlyList<Check<(PackageBlob Blob, long Length, string Sha256)>> PlainChecks { get; } =
    [
        new(RefusalCode.PlainLength, o => o.Length == o.Blob.Size ? null
            : $"Blob {o.Blob.Path} opened to {o.Length} bytes, the manifest says {o.Blob.Size}; another file was sealed: have the package made anew."),
        new(RefusalCode.PlainDigest, o => o.Sha256 == o.Blob.Sha256 ? null
            : $"Blob {o.Blob.Path} opened to bytes with SHA-256 {o.Sha256}, the manifest says {o.Blob.Sha256}; "
                + "another file was sealed: have the package made anew."),
    ];
}
