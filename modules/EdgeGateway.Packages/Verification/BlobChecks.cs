using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Packages.Verification;

/// <summary>What was measured of the sealed blobs, held against the manifest; the first blob that is wrong is named.</summary>
internal static class BlobChecks
{
    public static IReadOnlyList<Check<ExaminedPackage>> All { get; } =
    [
        Of(RefusalCode.BlobMissing, (_, measured) => measured is not null,
            (blob, _) => $"Blob {blob.SealedName} ({blob.Path}) is not there; copy the whole package, or wait until it is fetched."),
        Of(RefusalCode.BlobKind, (_, measured) => measured is null or { IsPlainFile: true },
            (blob, _) => $"Blob {blob.SealedName} ({blob.Path}) is a link or no plain file; put the file itself there."),
        Of(RefusalCode.BlobLength, (blob, measured) => measured is null || measured.Length == blob.SealedSize,
            (blob, measured) => $"Blob {blob.SealedName} ({blob.Path}) has "
                + $"{(measured!.Length > blob.SealedSize ? "more than" : $"{measured.Length} of")} {blob.SealedSize} bytes; copy it again."),
        Of(RefusalCode.BlobDigest, (blob, measured) => measured is null || measured.Sha256 == blob.SealedSha256,
            (blob, measured) => $"Blob {blob.SealedName} ({blob.Path}) has the SHA-256 {measured!.Sha256}: it is damaged or another file; "
                + "copy it again from where the package was made."),
    ];

    private static Check<ExaminedPackage> Of(RefusalCode code, Func<PackageBlob, MeasuredBlob?, bool> isRight, Func<PackageBlob, MeasuredBlob?, string> sentence) =>
        new(code, examined => examined.Manifest.Blobs.Select(blob => (Blob: blob, Measured: examined.Package.Blobs.GetValueOrDefault(blob.SealedSha256)))
            .Where(found => !isRight(found.Blob, found.Measured)).Select(found => sentence(found.Blob, found.Measured)).FirstOrDefault());
}
