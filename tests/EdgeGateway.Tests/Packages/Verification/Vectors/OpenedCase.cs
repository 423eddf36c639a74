using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>A blob that was opened, and the verdict.</summary>
internal sealed record OpenedCase(string Attack, string Expected, string? Without, PackageBlob Blob, long Length, string Sha256)
{
    public const string Kind = "opened";

    public static OpenedCase Read(string name) => VectorForm.Read<OpenedCase>(Kind, name);

    /// <summary>The verdict with both checks, or without one.</summary>
    public string Verify(string? leftOut = null) => Refusal(leftOut)?.CodeText ?? "accepted";

    public Refusal? Refusal(string? leftOut = null) => AcceptedPackage.PlainChecks.But(leftOut).FirstFinding((Blob, Length, Sha256));
}
