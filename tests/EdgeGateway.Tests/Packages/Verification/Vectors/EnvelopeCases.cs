using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Manifests;
using static EdgeGateway.Tests.Packages.Verification.Vectors.CaseBuilder;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>What is allowed around an envelope, and what is tried with it and its signatures.</summary>
internal static class EnvelopeCases
{
    public static IEnumerable<(string Name, PackageCase Case)> All => [.. Allowed, .. Envelopes, .. Signatures];

    private static IEnumerable<(string Name, PackageCase Case)> Allowed =>
    [
        ("valid", Accepted("An adapter with golden windows for two groups.", Sample.Manifest)),
        ("valid-model", Accepted("A model, which fits whatever runs now.", Model) with { Device = Sample.Device with { Base = null } }),
        ("valid-three-signers", Accepted("More signatures than the threshold.", Small, 11, 12, 13)),
        ("valid-extraneous-signatures", Accepted("Signatures of a stranger and of a root key beside the two that count.", Small, 1, 99, 11, 12)),
        ("valid-key-ids-exchanged", Accepted("Key ids are a hint: exchanged, both signatures count.",
            Small)
                .Edited(text => text.Replace(Id(11), "#", StringComparison.Ordinal).Replace(Id(12), Id(11), StringComparison.Ordinal).Replace("#", Id(12), StringComparison.Ordinal))),
        ("valid-key-ids-absent", Accepted("A key id may be absent.", Small).Edited(text => Regex.Replace(text, "\"keyid\":\"[0-9a-f]+\",", ""))),
        ("valid-url-alphabet", Accepted("Base64 of the URL alphabet.",
            Small)
                .Edited(text => Regex.Replace(text, "(\"(?:payload|sig)\":\")([^\"]+)", m => m.Groups[1].Value + m.Groups[2].Value.Replace('+', '-').Replace('/', '_')))),
        ("valid-unknown-member", Of("A member that a reader does not know is ignored.",
            "accepted", Payload("\"format\":1", "\"format\":1,\"note\":[1.5,{\"a\":null}]"), null)),
        ("valid-last-second", Accepted("The second in which it expires is the last one.", Small) with { Now = Small.Expires }),
        ("valid-without-clock", Accepted("A device that does not know the time has seen nothing signed after it expired.", Small) with { Now = null }),
        ("valid-older-by-operator", Accepted("An operator asks for an older release by name.",
            Small with { Release = 2 }) with { Request = Sample.Request with { Release = 2, ByOperator = true } }),
        ("valid-other-slot-floor", Accepted("Floors count for their own kind and name.",
            Small) with { Floors = [new(new(PackageKind.Model, "pumps"), 9, 3), new(new(PackageKind.Adapter, "fans"), 9, 3)] }),
        ("valid-digest", Accepted("The very envelope that was asked for.",
            Small).With(c => c with { Request = Sample.Request with { Sha256 = Sample.Digest(c.Envelope) } })),
    ];

    private static IEnumerable<(string Name, PackageCase Case)> Envelopes =>
    [
        ("endless-data-envelope", Of("Endless data: an envelope that does not end, here cut after 1 MiB.",
            "too-large", Small, "envelope").With(c => c with { Padding = Envelope.MaxBytes + 1 - c.Envelope.Length })),
        ("mix-and-match-envelope", Of("Mix and match: a valid envelope of the same release that was made another time.",
            "digest", Small with { Issued = Small.Issued.AddHours(1) }) with { Request = Sample.Request with { Sha256 = Sample.Digest(Text(Sample.Signed(Small, 11, 12))) } }),
        ("envelope-absent", Of("No manifest.json, or a link in its place.", "envelope", Small, "payload-type").Edited(_ => "")),
        ("envelope-cut", Of("The end is missing.", "envelope", Small, "payload-type").Edited(text => text[..^2])),
        ("envelope-continued", Of("A second document behind the first.", "envelope", Small, "payload-type").Edited(text => text + text)),
        ("envelope-member-twice", Of("Two payloads: readers that take the first and readers that take the last would see different ones.",
            "envelope", Small, "payload-type").Edited(text => text.Insert(1, "\"payload\":\"e30=\","))),
        ("envelope-member-escaped-twice", Of("Two payloads, one of them under an escaped name.",
            "envelope", Small, "payload-type").Edited(text => text.Insert(1, "\"\\u0070ayload\":\"e30=\","))),
        ("envelope-unsigned-member", Of("Something unsigned rides along.",
            "envelope", Small, "payload-type").Edited(text => text.Insert(1, "\"url\":\"https://example.com\","))),
        ("envelope-17-signatures", Of("Extraneous signatures: more work than a verifier should do.",
            "envelope", Signed(Small, [.. Enumerable.Range(11, 17).Select(i => (byte)i)]), "payload-type")),
        ("envelope-base64-unpadded", Of("A payload without padding: another text for the same bytes.",
            "envelope", Padded, "payload-type").Edited(text => text.Replace("=\",\"payloadType", "\",\"payloadType", StringComparison.Ordinal))),
        ("envelope-base64-unused-bits", Of("Unused bits that are not zero: another text for the same bytes.",
            "envelope", Padded, "payload-type")
                .Edited(text => Regex.Replace(text, "(.)(=+\",\"payloadType)", m => (char)(m.Groups[1].Value[0] + 1) + m.Groups[2].Value))),
        ("envelope-base64-white-space", Of("White space in Base64.", "envelope", Small, "payload-type").Edited(text => text.Insert(40, " "))),
        ("payload-type-root", Of("A root in place of a manifest.", "payload-type", Sample.Signed(Sample.Root, 1, 2), "wrong-role")),
        ("payload-type-generic", Of("A manifest that was signed as something general.", "payload-type", Sample.Signed("application/json", Small.ToJson(), 11, 12))),
        ("payload-type-confusion", Of("Payload type confusion: signed as something else, renamed afterwards.",
            "threshold", Sample.Signed("application/json", Small.ToJson(), 11, 12))
                .Edited(text => text.Replace("application/json", PackageManifest.PayloadType, StringComparison.Ordinal))),
    ];

    private static IEnumerable<(string Name, PackageCase Case)> Signatures =>
    [
        ("wrong-role", Of("Wrong role: enough holders of root keys signed a manifest.", "wrong-role", Signed(Small, 1, 2, 3), "threshold")),
        ("wrong-role-added", Of("Signers of two roles do not add up: one of each.", "threshold", Signed(Small, 1, 11))),
        ("unsigned", Of("Nobody signed.", "threshold", Signed(Small))),
        ("key-compromise-below-threshold", Of("Key compromise below the threshold: a thief has one release key.", "threshold", Signed(Small, 11))),
        ("key-compromise-with-strangers", Of("A thief of one release key adds keys of his own.", "threshold", Signed(Small, 11, 97, 98, 99))),
        ("duplicate-signature", Of("Duplicate signatures: one key's signature twice.",
            "threshold", Signed(Small, 11)).Edited(text => Regex.Replace(text, @"(\{""keyid.*\})(\]\})", "$1,$1$2"))),
        ("duplicate-signature-other-id", Of("Duplicate signatures: one key's signature twice, once under another's key id.",
            "threshold", Signed(Small, 11))
                .Edited(text => Regex.Replace(text, @"(\{""keyid.*\})(\]\})", m => m.Groups[1].Value + "," + m.Groups[1].Value.Replace(Id(11), Id(12), StringComparison.Ordinal) + m.Groups[2].Value))),
        ("signature-altered", Of("One bit of a signature.", "threshold", FirstSignature(bytes => bytes.SetItem(5, (byte)(bytes[5] ^ 1))))),
        ("signature-malleable", Of("The same signature with S + L: RFC 8032 5.1.7 wants S below L.", "threshold", FirstSignature(Malleable))),
        ("signature-cut", Of("A signature of 63 bytes counts nothing, and is no fault.", "threshold", FirstSignature(bytes => bytes[..63]))),
        ("payload-altered", Of("A payload that was altered after it was signed: it expires a year later.",
            "threshold", Signed(Small, 11, 12) with { Payload = [.. (Small with { Expires = Small.Expires.AddYears(1) }).ToJson()] })),
        ("signatures-of-another-package", Of("Signatures of another package of the same people.",
            "threshold", Signed(Small, 11, 12) with { Signatures = Signed(Small with { Release = 2 }, 11, 12).Signatures })),
        ("revoked-keys", Of("Key compromise undone: release keys that the next root no longer has.", "threshold", Small) with { Root = RootCases.NewReleaseKeys }),
        ("key-of-next-root", Of("Keys of a root that this device has not yet.", "threshold", Signed(Small, 21, 22))),
    ];

    private static PackageManifest Model =>
        Small with { Slot = new(PackageKind.Model, "pumps"), Blobs = [Adapter with { Path = "model.onnx" }], Base = new(Sample.Digest("new model"), Sample.Digest("new tokenizer"), 2) };

    /// <summary>Its payload ends in padding.</summary>
    private static PackageManifest Padded =>
        Enumerable.Range(0, 3).Select(i => Small with { Slot = Small.Slot with { Name = "pumps" + new string('x', i) } }).First(m => m.ToJson().Length % 3 != 0);

    private static Envelope FirstSignature(Func<ImmutableArray<byte>, ImmutableArray<byte>> change)
    {
        var envelope = Signed(Small, 11, 12);
        return envelope with { Signatures = [envelope.Signatures[0] with { Bytes = change(envelope.Signatures[0].Bytes) }, envelope.Signatures[1]] };
    }

    private static ImmutableArray<byte> Malleable(ImmutableArray<byte> signature)
    {
        var order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);
        var sum = (new BigInteger(signature.AsSpan()[32..], isUnsigned: true) + order).ToByteArray(isUnsigned: true);
        return [.. signature[..32], .. sum, .. new byte[32 - sum.Length]];
    }
}
