using System.Collections.Immutable;
using System.Text;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>Cases of packages that differ from the sample in one thing.</summary>
internal static class CaseBuilder
{
    /// <summary>The sample with one group and one blob: short files.</summary>
    public static readonly PackageManifest Small = Sample.Manifest with { Golden = null, Blobs = [Sample.Manifest.Blobs[0]], Groups = [Sample.LineA] };

    public static PackageBlob Adapter => Small.Blobs[0];

    public static PackageCase Accepted(string attack, PackageManifest manifest, params byte[] seeds) =>
        Of(attack, "accepted", Signed(manifest, seeds.Length == 0 ? [11, 12] : seeds), null, manifest);

    /// <summary>A manifest that two holders of release keys signed, and is asked for as what it is.</summary>
    public static PackageCase Of(string attack, string expected, PackageManifest manifest, string without =
        "accepted") => Of(attack, expected, Signed(manifest, 11, 12), without, manifest);

    /// <summary>A payload that two holders of release keys signed.</summary>
    public static PackageCase Of(string attack, string expected, string payload, string? without) => Of(attack, expected, Encoding.UTF8.GetBytes(payload), without);

    public static PackageCase Of(string attack, string expected, byte[] payload, string? without) =>
        Of(attack, expected, Sample.Signed(PackageManifest.PayloadType, payload, 11, 12), without);

    public static PackageCase Of(string attack, string expected, Envelope envelope, string? without = "accepted", PackageManifest? manifest = null) => new(
        attack, expected, without, RootCases.First, [new(Sample.Pumps, 3, 2)], Sample.Root.Issued, Sample.Now, Sample.Device,
        Sample.Request with { Slot = (manifest ?? Small).Slot, Release = (manifest ?? Small).Release }, Text(envelope), 0, Sample.BlobsOf(manifest ?? Small).ToImmutableSortedDictionary());

    public static PackageCase With(this PackageCase c, Func<PackageCase, PackageCase> change) => change(c);

    /// <summary>The text of the envelope changed after it was signed.</summary>
    public static PackageCase Edited(this PackageCase c, Func<string, string> edit) =>
        edit(c.Envelope) is var edited && edited != c.Envelope ? c with { Envelope = edited } : throw new ArgumentException("The edit changes nothing.", nameof(edit));

    public static string Text(Envelope envelope) => Encoding.UTF8.GetString(envelope.ToJson());

    public static Envelope Signed(PackageManifest manifest, params byte[] seeds) => Sample.Signed(manifest, seeds);

    /// <summary>The key id of a seed.</summary>
    public static string Id(byte seed) => Sample.Key(seed).Public.Id;

    /// <summary>Text with a part of it replaced, which has to be there once.</summary>
    public static string Replaced(byte[] json, string part, string by) =>
        Encoding.UTF8.GetString(json).Split(part) is [var before, var after] ? before + by + after : throw new ArgumentException($"\"{part}\" is not there once.", nameof(part));

    public static string Payload(string part, string by) => Replaced(Small.ToJson(), part, by);
}
