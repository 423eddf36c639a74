using System.Collections.Immutable;
using EdgeGateway.Models;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Updates.Slots;

namespace EdgeGateway.Updates.Steps;

/// <summary>From a package on our disk to one that can judge: verified, and its blobs opened into memory.</summary>
internal sealed class PackageLoader(SlotId slot, UpdateParts parts)
{
    /// <summary>What is said where nobody can sign.</summary>
    public const string NoRoot = "This device has no root, so nobody can sign for it; put trust/root.json into the image, or name one in updates.root of the site file.";

    /// <summary>Holds a package that is to be installed against all that this device trusts now.</summary>
    public StepOutcome Verify(MeasuredPackage package, Candidate candidate, out AcceptedPackage? accepted)
    {
        accepted = null;
        if (parts.Trust.Current is not { } trust)
        {
            return StepOutcome.Waits("no-root", NoRoot);
        }

        var request = new PackageRequest(Slot(package), candidate.Release, candidate.Sha256, candidate.ByOperator);
        return PackageVerifier.TryVerify(package, request, trust, Device(), parts.Trust.TrustedTime, out accepted, out var refusal) ? StepOutcome.Done : StepOutcome.Of(refusal);
    }

    /// <summary>Holds a package that was installed before against what it was accepted under: what runs goes on, though it, its root or its signers have expired since.</summary>
    public StepOutcome VerifyInstalled(InstalledPackage installed, out AcceptedPackage? accepted)
    {
        accepted = null;
        if (parts.Trust.At(installed.Root) is not { } trust)
        {
            return StepOutcome.Refused("root", $"Root version {installed.Root}, under which {slot} release {installed.Release} was accepted, is not on this device any more; have the package brought again.");
        }

        var package = parts.Store.Measure(parts.Store.Envelope(installed.Sha256) ?? []);
        var request = new PackageRequest(new PackageSlot(slot.Kind, installed.Name), installed.Release, installed.Sha256, ByOperator: true);
        var issued = PackageStore.ManifestOf(package.Envelope.ToArray())?.Issued;
        return PackageVerifier.TryVerify(package, request, trust with { Floors = ImmutableDictionary<PackageSlot, Floor>.Empty }, Device(), issued, out accepted, out var refusal)
            ? StepOutcome.Done : StepOutcome.Of(refusal);
    }

    /// <summary>Opens the blobs into memory.</summary>
    public StepOutcome Open(AcceptedPackage accepted, out LoadedPackage? loaded)
    {
        loaded = null;
        using var key = parts.Keys.Open(accepted.Key);
        if (key is null)
        {
            return StepOutcome.Waits("group-key", $"The key of group {accepted.Key.Group}, epoch {accepted.Key.Epoch}, cannot be opened now: {parts.DeviceKey.Status.Sentence}");
        }

        if (!OpenedFiles.TryOpen(accepted, key, parts.Store.OpenBlob, out var files, out var refusal))
        {
            return StepOutcome.Of(refusal);
        }

        loaded = new LoadedPackage(accepted, files, parts.Host);
        return StepOutcome.Done;
    }

    /// <summary>An adapter is asked for by its name; a model is what its manifest calls it, as there is but one.</summary>
    private PackageSlot? Slot(MeasuredPackage package) =>
        slot.Adapter is { } adapter ? new PackageSlot(PackageKind.Adapter, adapter)
        : PackageStore.ManifestOf(package.Envelope.ToArray()) is { } manifest ? manifest.Slot with { Kind = PackageKind.Model } : null;

    private DeviceIdentity Device() => new(parts.Groups(), parts.Keys.Held(), parts.Host.Model?.Identity);
}
