using System.Collections.Immutable;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using static EdgeGateway.Tests.Packages.Verification.Vectors.CaseBuilder;

namespace EdgeGateway.Tests.Packages.Verification.Vectors;

/// <summary>What is tried with packages that are rightly signed: older ones, for others, with other blobs.</summary>
internal static class BindingCases
{
    public static IEnumerable<(string Name, PackageCase Case)> All => [.. Slots, .. Times, .. Floors, .. Devices, .. Blobs];

    private static IEnumerable<(string Name, PackageCase Case)> Slots =>
    [
        ("other-name", Of("Replay to another slot: an adapter of the same release for fans.",
            "slot", Small with { Slot = Small.Slot with { Name = "fans" } }) with { Request = Sample.Request }),
        ("other-kind", Of("Replay to another slot: a model of the same name.",
            "slot", Small with { Slot = Small.Slot with { Kind = PackageKind.Model } }) with { Request = Sample.Request }),
        ("freeze-older-release", Of("Freeze: release 3 again, where 4 was asked for.", "slot", Small) with { Request = Sample.Request with { Release = 4 } }),
        ("other-release-newer", Of("A release that nobody asked for.", "slot", Small with { Release = 4 }) with { Request = Sample.Request }),
    ];

    private static IEnumerable<(string Name, PackageCase Case)> Times =>
    [
        ("freeze-root-expired", Of("Freeze: the next root is held back until this one has expired.",
            "root-expired", Small with { Expires = Sample.Root.Expires.AddYears(1) }) with { Now = Sample.Root.Expires.AddSeconds(1) }),
        ("freeze-expired", Of("Freeze: newer releases are held back, this one expired a second ago.", "expired", Small) with { Now = Small.Expires.AddSeconds(1) }),
        ("freeze-without-clock", Of("Freeze: a device that does not know the time has seen something that was signed after this expired.",
            "expired", Small) with { Now = null, NewestSigned = Small.Expires.AddSeconds(1) }),
    ];

    private static IEnumerable<(string Name, PackageCase Case)> Floors =>
    [
        ("fast-forward-epoch", Of("Fast-forward: thieves of release keys raise the security epoch, so that nothing older could ever come again.",
            "epoch-ahead", Small with { Epoch = 4 })),
        ("rollback-epoch", Of("Rollback: a release that was called back for good, even when an operator asks.",
            "epoch", Small with { Epoch = 1 }) with { Request = Sample.Request with { ByOperator = true } }),
        ("rollback", Of("Rollback: an older release, rightly signed.", "rollback", Small with { Release = 2 }) with { Request = Sample.Request with { Release = 2 } }),
    ];

    private static IEnumerable<(string Name, PackageCase Case)> Devices =>
    [
        ("replay-other-group", Of("Replay to a device of another group.", "group", Small with { Groups = [Sample.LineB] }, "group-key")),
        ("replay-dropped-device", Of("A device that was dropped from the group holds the key of the epoch before.",
            "group-key", Small with { Groups = [Sample.LineA with { Epoch = 5 }] }, "recipient")),
        ("no-grant-yet", Of("A device of the group without any key.", "group-key", Small, "recipient") with { Device = Sample.Device with { Keys = [] } }),
        ("forged-grant", Of("A grant that somebody else made, with an identity of his own.",
            "recipient", Small) with { Device = Sample.Device with { Keys = [Sample.LineA with { Recipient = Sample.LineB.Recipient }] } }),
        ("other-base-model", Of("An adapter of another model.", "base-model", Small with { Base = Sample.PhiSensor with { Model = Sample.Digest("other") } })),
        ("no-base-model", Of("An adapter for a device without a model.", "base-model", Small, "tokenizer") with { Device = Sample.Device with { Base = null } }),
        ("other-tokenizer", Of("An adapter of another tokenizer.", "tokenizer", Small with { Base = Sample.PhiSensor with { Tokenizer = Sample.Digest("other") } })),
        ("other-prompts", Of("An adapter for other prompts.", "prompt-version", Small with { Base = Sample.PhiSensor with { PromptVersion = 2 } })),
    ];

    private static IEnumerable<(string Name, PackageCase Case)> Blobs =>
    [
        ("blob-missing", Of("A blob is not there, or not yet.", "blob-missing", Sample.Manifest).With(c => c with { Blobs = c.Blobs.Remove(Adapter.SealedSha256) })),
        ("blob-link", WithBlob("A link in place of a blob.", "blob-kind", new(false, 0, ""), "blob-length")),
        ("endless-data-blob", WithBlob("Endless data: a blob that goes on behind its length.", "blob-length", new(true, Adapter.SealedSize + 1, ""), "blob-digest")),
        ("blob-cut", WithBlob("Wrong length: a blob that ends too early.", "blob-length", new(true, Adapter.SealedSize - 1, ""), "blob-digest")),
        ("mix-and-match-blob", WithBlob("Mix and match: the blob of another release under this one's name.",
            "blob-digest", new(true, Adapter.SealedSize, Sample.Digest("sealed adapter of release 2")))),
        ("blobs-exchanged", Of("Two blobs of one length under each other's names.",
            "blob-digest", Twins) with { Blobs = ImmutableSortedDictionary<string, MeasuredBlob>.Empty
            .Add(Twins.Blobs[0].SealedSha256, new(true, Twins.Blobs[0].SealedSize, Twins.Blobs[1].SealedSha256)).Add(Twins.Blobs[1].SealedSha256, new(true, Twins.Blobs[1].SealedSize, Twins.Blobs[0].SealedSha256)) }),
    ];

    private static PackageManifest Twins => Small with { Blobs = [Adapter, Adapter with { Path = "sensor.json", SealedSha256 = Sample.Digest("sealed setting") }] };

    private static PackageCase WithBlob(string attack, string expected, MeasuredBlob blob, string without = "accepted") =>
        Of(attack, expected, Small, without).With(c => c with { Blobs = c.Blobs.SetItem(Adapter.SealedSha256, blob) });
}
