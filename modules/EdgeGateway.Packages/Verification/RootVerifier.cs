using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using EdgeGateway.Packages.Roots;

namespace EdgeGateway.Packages.Verification;

/// <summary>Whether a root takes the place of the one in force (docs/formats/package.md, sections Root and Verification): pure functions; the checks are a list.</summary>
/// <remarks>Expiry is no reason against: behind an expired root may stand the next one, and under an expired one nothing is installed (TUF 5.3.10).</remarks>
public static class RootVerifier
{
    /// <summary>Takes version N + 1 over version N, or says which check refused it first.</summary>
    /// <param name="trust">The state with version N.</param>
    /// <param name="envelope">Bytes of the file, at most one more than an envelope may have.</param>
    /// <param name="sha256">Of these bytes, as asked for; null takes any.</param>
    /// <param name="next">The state with version N + 1. When the release keys are others,
    /// floors of releases are forgotten, and so is the newest signed time: what a thief of the old ones pushed forward is undone. Floors of epochs stay.</param>
    /// <param name="refusal">Why not.</param>
    public static bool TryUpdate(TrustState trust, ReadOnlyMemory<byte> envelope, string? sha256, [NotNullWhen(true)] out TrustState? next, [NotNullWhen(false)] out Refusal? refusal) =>
        TryUpdate(trust, new ExaminedRoot(envelope, sha256, trust.Root), Checks, out next, out refusal);

    /// <summary>Reads the root that comes with the image or a site file, of any version, which is trusted for that; it has to be signed by its own threshold all the same.</summary>
    public static bool TryStart(ReadOnlyMemory<byte> envelope, [NotNullWhen(true)] out TrustState? trust, [NotNullWhen(false)] out Refusal? refusal)
    {
        var examined = new ExaminedRoot(envelope, null, null);
        refusal = Checks.Where(check => check.Code is not (RefusalCode.RootVersion or RefusalCode.OldThreshold)).FirstFinding(examined);
        trust = refusal is null ? TrustState.Of(examined.Readable!) : null;
        return trust is not null;
    }

    /// <summary>All checks in their order; with any one left out, the others still refuse or accept and never fault.</summary>
    internal static IReadOnlyList<Check<ExaminedRoot>> Checks { get; } =
    [
        .. ExaminedEnvelope.Checks<ExaminedRoot>(),
        new(RefusalCode.Root, e => e.Unreadable is { Code: RefusalCode.Root } broken ? broken.Sentence : null),
        new(RefusalCode.Critical, e => e.Unreadable is { Code: RefusalCode.Critical } newer ? newer.Sentence : null),
        new(RefusalCode.RootVersion, e => e.Readable?.Version == e.Before?.Version + 1L ? null
            : $"It is root version {e.Readable?.Version}, version {e.Before?.Version} is in force and versions are taken one by one; "
                + $"bring version {e.Before?.Version + 1L}."),
        new(RefusalCode.OldThreshold, e => e.Before!.RootRole.CountSigners(e.Envelope!) is var count && count >= e.Before.RootRole.Threshold ? null
            : $"Signed with {count} of the {e.Before.RootRole.Threshold} root keys that version {e.Before.Version} asks for; have more of their holders sign it."),
        new(RefusalCode.NewThreshold, e => e.Readable is { } root && root.RootRole.CountSigners(e.Envelope!) >= root.RootRole.Threshold ? null
            : $"Signed with {e.Readable?.RootRole.CountSigners(e.Envelope!)} of the {e.Readable?.RootRole.Threshold} root keys that version {e.Readable?.Version} itself asks for; "
                + "have more of their holders sign it."),
    ];

    internal static bool TryUpdate(TrustState trust, ExaminedRoot examined, IEnumerable<Check<ExaminedRoot>> checks,
        [NotNullWhen(true)] out TrustState? next, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = checks.FirstFinding(examined);
        next = refusal is null ? Take(trust, examined.Readable!) : null;
        return next is not null;
    }

    private static TrustState Take(TrustState trust, Root root)
    {
        var sameKeys = root.ReleaseRole.Keys.ToHashSet().SetEquals(trust.Root.ReleaseRole.Keys);
        return sameKeys ? trust with { Root = root, NewestSigned = root.Issued > trust.NewestSigned ? root.Issued : trust.NewestSigned }
            : new(root, trust.Floors.ToImmutableDictionary(entry => entry.Key, entry => entry.Value with { Release = 0 }), root.Issued);
    }
}
