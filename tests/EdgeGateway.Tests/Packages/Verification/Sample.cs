using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Packages.Verification;

namespace EdgeGateway.Tests.Packages.Verification;

/// <summary>A package that is accepted, with all that it is held against; tests change one thing. Keys come from fixed seeds, so that every byte is the same each time.</summary>
internal static class Sample
{
    private static readonly ConcurrentDictionary<byte, SigningKey> Keys = [];
    public static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    public static readonly PackageSlot Pumps = new(PackageKind.Adapter, "pumps");
    public static readonly GroupRecipient LineA = new("line-a", 4, Recipient('q'));
    public static readonly GroupRecipient LineB = new("line-b", 1, Recipient('p'));
    public static readonly BaseModel PhiSensor = new(Digest("model"), Digest("tokenizer"), 1);

    /// <summary>Three holders of root keys, two of whom are enough, and the same for releases.</summary>
    public static readonly Root Root = new(1, Now.AddMonths(-6), Now.AddYears(5), 3, RoleOf(2, 1, 2, 3), RoleOf(2, 11, 12, 13));

    public static readonly PackageManifest Manifest = new(Pumps, 3, 2, Now.AddDays(-1), Now.AddYears(1), [LineA, LineB], PhiSensor, "golden.json",
    [
        new("adapter.onnx_adapter", 300_123, Digest("adapter"), Bytes("sealed adapter").Length, Digest("sealed adapter")),
        new("golden.json", 1_200, Digest("golden"), Bytes("sealed golden").Length, Digest("sealed golden")),
    ]);

    public static readonly PackageRequest Request = new(Pumps, 3, null, ByOperator: false);
    public static readonly DeviceIdentity Device = new(["line-a"], [LineA with { Epoch = 3, Recipient = Recipient('z') }, LineA], PhiSensor);
    public static readonly TrustState Trust = TrustState.Of(Root) with { Floors = ImmutableDictionary<PackageSlot, Floor>.Empty.Add(Pumps, new(3, 2)) };

    /// <summary>The key of a seed: 1 to 3 are root keys, 11 to 13 release keys, others are nobody's.</summary>
    public static SigningKey Key(byte seed) => Keys.GetOrAdd(seed, static seed =>
    {
        byte[] info = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20, .. SHA256.HashData([seed])]; // RFC 8410, section 7
        return SigningKey.FromPem(Encoding.ASCII.GetBytes(PemEncoding.Write("PRIVATE KEY", info)));
    });

    public static Role RoleOf(int threshold, params byte[] seeds) => new(threshold, [.. seeds.Select(seed => Key(seed).Public)]);

    /// <summary>Signed by the keys of these seeds.</summary>
    public static Envelope Signed(string payloadType, byte[] payload, params byte[] seeds) =>
        seeds.Aggregate(new Envelope(payloadType, [.. payload], []), (envelope, seed) => envelope.Sign(Key(seed)));

    public static Envelope Signed(PackageManifest manifest, params byte[] seeds) => Signed(PackageManifest.PayloadType, manifest.ToJson(), seeds);

    public static Envelope Signed(Root root, params byte[] seeds) => Signed(Root.PayloadType, root.ToJson(), seeds);

    /// <summary>A manifest signed by two of the release keys, beside the blobs that it names.</summary>
    public static MeasuredPackage Package(PackageManifest manifest) => new(Signed(manifest, 11, 12).ToJson(), BlobsOf(manifest));

    public static ImmutableDictionary<string, MeasuredBlob> BlobsOf(PackageManifest manifest) =>
        manifest.Blobs.ToImmutableDictionary(b => b.SealedSha256, b => new MeasuredBlob(true, b.SealedSize, b.SealedSha256));

    public static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Bytes(text)));

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The form of a recipient; nobody's key.</summary>
    private static string Recipient(char character) => "age1" + new string(character, 58);
}
