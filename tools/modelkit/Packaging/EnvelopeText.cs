using System.Globalization;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Json;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.ModelKit.Packaging;

/// <summary>Manifests and roots for people to read, signed or not.</summary>
internal static class EnvelopeText
{
    /// <summary>Reads an envelope that nobody has judged yet.</summary>
    public static Envelope Read(FileInfo file) =>
        file.Length > Envelope.MaxBytes ? throw new FormatException($"{file} has {file.Length} bytes, more than an envelope may have.")
        : Envelope.TryRead(File.ReadAllBytes(file.FullName), out var envelope, out var refusal) ? envelope
        : throw new FormatException($"{file}: {refusal.Sentence}");

    /// <summary>What it says, a line each.</summary>
    /// <exception cref="FormatException">The payload is neither a manifest nor a root.</exception>
    public static IEnumerable<string> Lines(Envelope envelope)
    {
        var payload = envelope.Payload.AsSpan();
        Refusal? refusal = null;
        var lines = envelope.PayloadType == PackageManifest.PayloadType && PackageManifest.TryRead(payload, out var manifest, out refusal) ? Lines(manifest)
            : envelope.PayloadType == Root.PayloadType && Root.TryRead(payload, out var root, out refusal) ? Lines(root)
            : throw new FormatException(refusal?.Sentence ?? "It holds neither a manifest nor a root.");
        return [.. lines, .. envelope.Signatures.Select(s => $"signature   by a key that calls itself {Forms.Shown(s.KeyId)}")];
    }

    private static string[] Lines(PackageManifest manifest) =>
    [
        Text($"package     {manifest.Slot}, release {manifest.Release}, security epoch {manifest.Epoch}"),
        Text($"time        issued {manifest.Issued:u}, expires {manifest.Expires:u}"),
        .. manifest.Groups.Select(g => Text($"group       {g.Group}, epoch {g.Epoch}, {g.Recipient}, fingerprint {X25519Recipient.Parse(g.Recipient)?.Fingerprint ?? "none: a point that nobody may seal to"}")),
        Text($"{(manifest.Slot.Kind == PackageKind.Adapter ? "fits model  " : "is model    ")}{manifest.Base.Model}, tokenizer {manifest.Base.Tokenizer}, prompt version {manifest.Base.PromptVersion}"),
        .. manifest.Blobs.Select(b => Text($"blob        {b.Path}{(b.Path == manifest.Golden ? " (golden windows)" : "")}: {b.Size} bytes, SHA-256 {b.Sha256}; sealed {b.SealedSize} bytes, {b.SealedName}")),
    ];

    private static string[] Lines(Root root) =>
    [
        Text($"root        version {root.Version}, security epochs up to {root.Epoch}"),
        Text($"time        issued {root.Issued:u}, expires {root.Expires:u}"),
        .. Lines("root key    ", root.RootRole),
        .. Lines("release key ", root.ReleaseRole),
    ];

    private static IEnumerable<string> Lines(string what, Role role) => role.Keys.Select(key => Text($"{what}{key.Id} ({role.Threshold} of {role.Keys.Length} must sign)"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
