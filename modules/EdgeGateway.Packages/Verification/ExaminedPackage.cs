using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Packages.Verification;

/// <summary>A package under examination, and all that it is held against.</summary>
internal sealed class ExaminedPackage(MeasuredPackage package, PackageRequest request, TrustState trust, DeviceIdentity device, DateTimeOffset? now)
    : ExaminedEnvelope(package.Envelope, request.Sha256, PackageManifest.PayloadType)
{
    // not before a check asks: signatures are expensive, and nobody's payload is parsed before they were counted
    private (PackageManifest? Manifest, Refusal? Refusal)? payload;
    private int? rootSigners;
    private int? releaseSigners;

    public MeasuredPackage Package => package;

    public PackageRequest Request => request;

    public TrustState Trust => trust;

    public DeviceIdentity Device => device;

    /// <summary>A device that does not know the time takes the newest signed one: it is later than that.</summary>
    public DateTimeOffset Time { get; } = now ?? trust.NewestSigned;

    public int RootSigners => rootSigners ??= trust.Root.RootRole.CountSigners(Envelope!);

    public int ReleaseSigners => releaseSigners ??= trust.Root.ReleaseRole.CountSigners(Envelope!);

    /// <summary>Null when it breaks a rule or needs a newer reader.</summary>
    public PackageManifest? Readable => Payload.Manifest;

    /// <summary>Why not.</summary>
    public Refusal? Unreadable => Payload.Refusal;

    /// <summary>The manifest, for checks behind the one of the slot.</summary>
    public PackageManifest Manifest => Readable!;

    /// <summary>The device's keys of the group epochs that the manifest names.</summary>
    public IEnumerable<GroupRecipient> KeysOfNamedEpochs => Device.Keys.Where(key => Manifest.Groups.Any(group => (group.Group, group.Epoch) == (key.Group, key.Epoch)));

    /// <summary>The one of them to which the blobs are sealed; null: none.</summary>
    public GroupRecipient? OpeningKey => KeysOfNamedEpochs.FirstOrDefault(Manifest.Groups.Contains);

    public Floor Floor => Trust.FloorOf(Manifest.Slot);

    /// <summary>A model is what it is; an adapter has to agree with the device's model in a part of its base.</summary>
    public bool Fits<T>(Func<BaseModel, T> part) => Manifest.Slot.Kind == PackageKind.Model || (Device.Base is { } running && Equals(part(running), part(Manifest.Base)));

    private (PackageManifest? Manifest, Refusal? Refusal) Payload =>
        payload ??= PackageManifest.TryRead(Envelope!.Payload.AsSpan(), out var manifest, out var refusal) ? (manifest, null) : (null, refusal);
}
