namespace EdgeGateway.Packages.Manifests;

/// <summary>A file of the model or adapter.</summary>
/// <param name="Path">File name in the model's or adapter's folder.</param>
/// <param name="Size">Bytes, 0 to 2^36.</param>
/// <param name="Sha256">Of the plain bytes.</param>
/// <param name="SealedSize">Bytes of the age file, 1 to 2^37.</param>
/// <param name="SealedSha256">Of the age file.</param>
public sealed record PackageBlob(string Path, long Size, string Sha256, long SealedSize, string SealedSha256)
{
    /// <summary>Its name in the folder blobs of a package.</summary>
    public string SealedName => SealedSha256 + ".age";
}
