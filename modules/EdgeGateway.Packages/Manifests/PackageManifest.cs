using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using EdgeGateway.Packages.Json;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Packages.Manifests;

/// <summary>What a package is, whom it is for and what it fits (docs/formats/package.md, section Manifest).</summary>
/// <param name="Slot">Kind and name.</param>
/// <param name="Release">From 1; higher is newer.</param>
/// <param name="Epoch">Security epoch, from 1.</param>
/// <param name="Issued">UTC, whole seconds.</param>
/// <param name="Expires">After <paramref name="Issued"/>.</param>
/// <param name="Groups">1 to 16; no group twice with the same epoch.</param>
/// <param name="Base">What an adapter fits, or what a model is.</param>
/// <param name="Golden">Path of the blob with the golden windows; null: none.</param>
/// <param name="Blobs">1 to 64; no two paths alike without regard to case, no two of the same sealed bytes.</param>
public sealed record PackageManifest(PackageSlot Slot, int Release, int Epoch, DateTimeOffset Issued, DateTimeOffset Expires,
    ImmutableArray<GroupRecipient> Groups, BaseModel Base, string? Golden, ImmutableArray<PackageBlob> Blobs)
{
    /// <summary>What the package asks of itself when a device proves it; null: no more than the device does.</summary>
    public PackageLimits? Limits { get; init; }

    /// <summary>In the envelope.</summary>
    public const string PayloadType = "application/vnd.edgegateway.package.v1+json";

    /// <summary>Reads a payload; whether it is signed is another matter. Refused as <see cref="RefusalCode.Manifest"/> or <see cref="RefusalCode.Critical"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out PackageManifest? manifest, [NotNullWhen(false)] out Refusal? refusal) =>
        StrictJson.TryRead(payload, StrictJson.MaxPayloadBytes, RefusalCode.Manifest, "The manifest", ManifestJson.Read, out manifest, out refusal);

    /// <summary>The payload; same manifest, same bytes. It is not judged: <see cref="TryRead"/> says whether a reader would take it.</summary>
    public byte[] ToJson() => PayloadWriter.Write(json => ManifestJson.Write(json, this));
}
