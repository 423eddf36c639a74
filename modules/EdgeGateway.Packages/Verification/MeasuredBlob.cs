namespace EdgeGateway.Packages.Verification;

/// <summary>A sealed blob as it lies there.</summary>
/// <param name="IsPlainFile">Neither link, nor folder, nor device.</param>
/// <param name="Length">In bytes; of one that is longer than the manifest says, any length above.</param>
/// <param name="Sha256">Of its bytes; empty when the length is wrong or it is no plain file.</param>
public sealed record MeasuredBlob(bool IsPlainFile, long Length, string Sha256);
