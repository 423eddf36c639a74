using System.Collections.Immutable;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>A package, all that it is held against, and the verdict.</summary>
/// <param name="Attack">What somebody tries, or what is allowed.</param>
/// <param name="Expected">A code, or <c>accepted</c>.</param>
/// <param name="Without">What it turns to when only the check of that code is left out; null for what is accepted.</param>
/// <param name="Root">Name of a file in roots.</param>
/// <param name="Envelope">Text of manifest.json.</param>
/// <param name="Padding">How many blanks stand behind that text.</param>
/// <param name="Blobs">By the sealed digest in their names.</param>
internal sealed record PackageCase(string Attack, string Expected, string? Without, string Root, ImmutableArray<SlotFloor> Floors, DateTimeOffset NewestSigned, DateTimeOffset? Now,
    DeviceIdentity Device, PackageRequest Request, string Envelope, int Padding, ImmutableSortedDictionary<string, MeasuredBlob> Blobs)
{
    public const string Kind = "packages";

    public static PackageCase Read(string name) => VectorForm.Read<PackageCase>(Kind, name);

    /// <summary>The verdict with all checks, or without one.</summary>
    public string Verify(string? leftOut = null) => Refusal(leftOut)?.CodeText ?? "accepted";

    public Refusal? Refusal(string? leftOut = null)
    {
        var measured = new MeasuredPackage(VectorForm.Bytes(Envelope, Padding), Blobs.ToImmutableDictionary());
        var examined = new ExaminedPackage(measured, Request, TrustOf(Root, Floors, NewestSigned), Device, Now);
        PackageVerifier.TryVerify(examined, PackageVerifier.Checks.But(leftOut), out _, out var refusal);
        return refusal;
    }

    public static TrustState TrustOf(string root, ImmutableArray<SlotFloor> floors, DateTimeOffset newestSigned) =>
        new(RootFile.Read(root).Root, floors.ToImmutableDictionary(f => f.Slot, f => new Floor(f.Release, f.Epoch)), newestSigned);
}

internal sealed record SlotFloor(PackageSlot Slot, int Release, int Epoch);
