using System.Collections.Immutable;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>A root that comes to a device, and the verdict.</summary>
/// <param name="Attack">What somebody tries, or what is allowed.</param>
/// <param name="Expected">A code, or <c>accepted</c>.</param>
/// <param name="Without">What it turns to when only the check of that code is left out; null for what is accepted.</param>
/// <param name="Root">Name of a file in roots: the one in force.</param>
/// <param name="Sha256">What was asked for; null: any.</param>
/// <param name="FloorsAfter">When it is accepted.</param>
/// <param name="NewestSignedAfter">When it is accepted.</param>
internal sealed record RootCase(string Attack, string Expected, string? Without, string Root, ImmutableArray<SlotFloor> Floors, DateTimeOffset NewestSigned, string? Sha256, string Envelope, int Padding,
    ImmutableArray<SlotFloor>? FloorsAfter, DateTimeOffset? NewestSignedAfter)
{
    public const string Kind = "root-updates";

    public static RootCase Read(string name) => VectorForm.Read<RootCase>(Kind, name);

    /// <summary>The verdict with all checks, or without one.</summary>
    public string Verify(string? leftOut = null) => Refusal(leftOut)?.CodeText ?? "accepted";

    public Refusal? Refusal(string? leftOut = null)
    {
        _ = TryUpdate(leftOut, out _, out var refusal);
        return refusal;
    }

    /// <summary>The state after it was taken; null when it was not.</summary>
    public TrustState? Next() => TryUpdate(null, out var next, out _) ? next : null;

    private bool TryUpdate(string? leftOut, out TrustState? next, out Refusal? refusal)
    {
        var trust = PackageCase.TrustOf(Root, Floors, NewestSigned);
        return RootVerifier.TryUpdate(trust, new ExaminedRoot(VectorForm.Bytes(Envelope, Padding), Sha256, trust.Root), RootVerifier.Checks.But(leftOut), out next, out refusal);
    }
}
