using System.Security.Cryptography;
using EdgeGateway.Models;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Age;
using EdgeGateway.Tests.Packages.Verification;

namespace EdgeGateway.Tests.Models;

/// <summary>An accepted package of some plain files, sealed in memory.</summary>
internal sealed class SealedPackage : IDisposable
{
    private readonly GroupKey key = new("line-a", 4, X25519Identity.New());

    public SealedPackage(PackageSlot slot, BaseModel about, IReadOnlyDictionary<string, byte[]> plain, long? size = null)
    {
        Blobs = plain.ToDictionary(file => file.Key, file => Sealed.Seal(file.Value, key.Identity.Recipient));
        var group = new GroupRecipient(key.Group, key.Epoch, key.Identity.Recipient.Text);
        var manifest = Sample.Manifest with
        {
            Slot = slot,
            Groups = [group],
            Base = about,
            Golden = null,
            Blobs = [.. plain.Select(file => new PackageBlob(file.Key, size ?? file.Value.Length, Digest(file.Value), Blobs[file.Key].Length, Digest(Blobs[file.Key])))],
        };
        var request = new PackageRequest(slot, null, null, ByOperator: true);
        Assert.True(PackageVerifier.TryVerify(Sample.Package(manifest), request, Sample.Trust, new DeviceIdentity(["line-a"], [group], about), Sample.Now, out var accepted, out var refusal), refusal?.Sentence);
        Accepted = accepted!;
    }

    public AcceptedPackage Accepted { get; }

    /// <summary>The sealed bytes by the path of the plain file.</summary>
    public Dictionary<string, byte[]> Blobs { get; }

    /// <summary>The files of a folder.</summary>
    public static SealedPackage Of(string folder, PackageSlot slot, BaseModel about) =>
        new(slot, about, Directory.GetFiles(folder).ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes));

    public bool TryOpen(out OpenedFiles? files, out Refusal? refusal) =>
        OpenedFiles.TryOpen(Accepted, key, blob => Blobs.TryGetValue(blob.Path, out var sealedBytes) ? new MemoryStream(sealedBytes) : null, out files, out refusal);

    /// <summary>Opens with what gives the sealed files.</summary>
    public void Open(Func<PackageBlob, Stream?> openBlob) => OpenedFiles.TryOpen(Accepted, key, openBlob, out _, out _);

    public OpenedFiles Open() => TryOpen(out var files, out var refusal) ? files! : throw new InvalidOperationException(refusal!.Sentence);

    public void Dispose() => key.Dispose();

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
