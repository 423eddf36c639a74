using System.Diagnostics.CodeAnalysis;
using EdgeGateway.Packages.Json;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Packages.Roots;

/// <summary>Who may sign (docs/formats/package.md, section Root).</summary>
/// <param name="Version">From 1; versions are taken one by one.</param>
/// <param name="Issued">UTC, whole seconds.</param>
/// <param name="Expires">After <paramref name="Issued"/>; nothing is installed under an expired root.</param>
/// <param name="Epoch">The highest security epoch that a manifest may have.</param>
/// <param name="RootRole">Who signs the next root.</param>
/// <param name="ReleaseRole">Who signs manifests; no key is in both roles.</param>
public sealed record Root(int Version, DateTimeOffset Issued, DateTimeOffset Expires, int Epoch, Role RootRole, Role ReleaseRole)
{
    /// <summary>In the envelope.</summary>
    public const string PayloadType = "application/vnd.edgegateway.root.v1+json";

    /// <summary>Reads a payload; whether it is signed is another matter. Refused as <see cref="RefusalCode.Root"/> or <see cref="RefusalCode.Critical"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out Root? root, [NotNullWhen(false)] out Refusal? refusal) =>
        StrictJson.TryRead(payload, StrictJson.MaxPayloadBytes, RefusalCode.Root, "The root", RootJson.Read, out root, out refusal);

    /// <summary>The payload; same root, same bytes. It is not judged: <see cref="TryRead"/> says whether a reader would take it.</summary>
    public byte[] ToJson() => PayloadWriter.Write(json => RootJson.Write(json, this));
}
