using System.Diagnostics.CodeAnalysis;
using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Packages.Verification;

/// <summary>Whether a package may be opened on a device (docs/formats/package.md, section Verification): a pure function; the checks are a list.</summary>
public static class PackageVerifier
{
    /// <summary>Accepts a package, or says which check refused it first.</summary>
    /// <param name="package">As it was measured; without its blobs it comes to <see cref="RefusalCode.BlobMissing"/> at best, which says that they are worth fetching.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="trust">Root and floors.</param>
    /// <param name="device">Groups, keys, base model.</param>
    /// <param name="now">The trusted time; null: the device does not know it.</param>
    /// <param name="accepted">What may be opened.</param>
    /// <param name="refusal">Why not.</param>
    public static bool TryVerify(MeasuredPackage package, PackageRequest request, TrustState trust, DeviceIdentity device, DateTimeOffset? now,
        [NotNullWhen(true)] out AcceptedPackage? accepted, [NotNullWhen(false)] out Refusal? refusal) =>
        TryVerify(new ExaminedPackage(package, request, trust, device, now), Checks, out accepted, out refusal);

    /// <summary>All checks in their order; with any one left out, the others still refuse or accept and never fault.</summary>
    internal static IReadOnlyList<Check<ExaminedPackage>> Checks { get; } =
        [.. ExaminedEnvelope.Checks<ExaminedPackage>(), .. SignatureChecks, .. TimeChecks, .. DeviceChecks, .. BlobChecks.All];

    internal static bool TryVerify(ExaminedPackage examined, IEnumerable<Check<ExaminedPackage>> checks,
        [NotNullWhen(true)] out AcceptedPackage? accepted, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = checks.FirstFinding(examined);
        accepted = refusal is null ? Accept(examined) : null;
        return refusal is null;
    }

    private static Check<ExaminedPackage>[] SignatureChecks =>
    [
        new(RefusalCode.WrongRole, e => e.ReleaseSigners >= e.Trust.Root.ReleaseRole.Threshold || e.RootSigners < e.Trust.Root.RootRole.Threshold ? null
            : $"Signed with {e.RootSigners} root keys and {e.ReleaseSigners} of the {e.Trust.Root.ReleaseRole.Threshold} release keys that it needs; "
                + "root keys release nothing: have it signed with release keys."),
        new(RefusalCode.Threshold, e => e.ReleaseSigners >= e.Trust.Root.ReleaseRole.Threshold ? null
            : $"Signed with {e.ReleaseSigners} of the {e.Trust.Root.ReleaseRole.Threshold} release keys that root version {e.Trust.Root.Version} asks for; "
                + "have more holders sign it, or bring the newer root that names their keys."),
        new(RefusalCode.Manifest, e => e.Unreadable is { Code: RefusalCode.Manifest } broken ? broken.Sentence : null),
        new(RefusalCode.Critical, e => e.Unreadable is { Code: RefusalCode.Critical } newer ? newer.Sentence : null),
        new(RefusalCode.Slot, e => e.Readable is { } m && (e.Request.Slot ?? m.Slot) == m.Slot && (e.Request.Release ?? m.Release) == m.Release ? null
            : $"It is {e.Readable?.Slot} release {e.Readable?.Release}, asked for was {e.Request}; correct the address, or what is asked for."),
    ];

    private static Check<ExaminedPackage>[] TimeChecks =>
    [
        new(RefusalCode.RootExpired, e => e.Time <= e.Trust.Root.Expires ? null
            : $"Root version {e.Trust.Root.Version} expired at {e.Trust.Root.Expires:u}, it is {e.Time:u}; bring the next root, or set the clock right."),
        new(RefusalCode.Expired, e => e.Time <= e.Manifest.Expires ? null
            : $"The {e.Manifest.Slot} release {e.Manifest.Release} expired at {e.Manifest.Expires:u}, it is {e.Time:u}; "
                + "have a newer release made, or set the clock right."),
        new(RefusalCode.EpochAhead, e => e.Manifest.Epoch <= e.Trust.Root.Epoch ? null
            : $"Its security epoch is {e.Manifest.Epoch}, root version {e.Trust.Root.Version} allows {e.Trust.Root.Epoch}; "
                + "bring the root that raises the epoch first."),
        new(RefusalCode.Epoch, e => e.Manifest.Epoch >= e.Floor.Epoch ? null
            : $"Its security epoch is {e.Manifest.Epoch}, this device has accepted {e.Floor.Epoch}: the release was called back for good; "
                + $"take one of epoch {e.Floor.Epoch} or later."),
        new(RefusalCode.Rollback, e => e.Manifest.Release >= e.Floor.Release || e.Request.ByOperator ? null
            : $"The {e.Manifest.Slot} release {e.Manifest.Release} is older than {e.Floor.Release}, which this device has accepted; "
                + "an operator can ask for it by name."),
    ];

    private static Check<ExaminedPackage>[] DeviceChecks =>
    [
        new(RefusalCode.Group, e => e.Manifest.Groups.Any(group => e.Device.Groups.Contains(group.Group)) ? null
            : $"It is for {List(e.Manifest.Groups.Select(g => g.Group))}, this device belongs to {List(e.Device.Groups)}; "
                + "take the package of its group, or have the device granted."),
        new(RefusalCode.GroupKey, e => e.KeysOfNamedEpochs.Any() ? null
            : $"It is sealed for {List(e.Manifest.Groups.Select(Epoch))}, this device holds the keys of {List(e.Device.Keys.Select(Epoch))}; "
                + "bring the grant of that epoch."),
        new(RefusalCode.Recipient, e => e.OpeningKey is not null ? null
            : $"The device's key of {List(e.KeysOfNamedEpochs.Select(Epoch))} is not the one that the package is sealed to; "
                + "the grant or the package was made with another identity: compare the recipients that modelkit shows for both."),
        new(RefusalCode.BaseModel, e => e.Fits(b => b.Model) ? null
            : $"It was trained on the model {e.Manifest.Base.Model}, this device runs {e.Device.Base?.Model ?? "none"}; "
                + "bring that model first, or an adapter for the one that runs."),
        new(RefusalCode.Tokenizer, e => e.Fits(b => b.Tokenizer) ? null
            : $"It was trained with the tokenizer {e.Manifest.Base.Tokenizer}, this device runs {e.Device.Base?.Tokenizer}; "
                + "bring the model that it was trained on first."),
        new(RefusalCode.PromptVersion, e => e.Fits(b => b.PromptVersion) ? null
            : $"It was trained on prompts of version {e.Manifest.Base.PromptVersion}, this device makes version {e.Device.Base?.PromptVersion}; "
                + "have it trained anew, or update the gateway."),
    ];

    private static AcceptedPackage Accept(ExaminedPackage e)
    {
        var floor = new Floor(Math.Max(e.Floor.Release, e.Manifest.Release), Math.Max(e.Floor.Epoch, e.Manifest.Epoch));
        var newest = e.Manifest.Issued > e.Trust.NewestSigned ? e.Manifest.Issued : e.Trust.NewestSigned;
        return new(e.Manifest, e.OpeningKey!, e.Trust with { Floors = e.Trust.Floors.SetItem(e.Manifest.Slot, floor), NewestSigned = newest });
    }

    private static string Epoch(GroupRecipient key) => $"{key.Group} epoch {key.Epoch}";

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Take(16).DefaultIfEmpty("none"));
}
