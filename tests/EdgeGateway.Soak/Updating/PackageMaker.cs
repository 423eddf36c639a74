using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeGateway.Models;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Files;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Roots;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Lora;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Prompts;

namespace EdgeGateway.Soak.Updating;

/// <summary>A package as it lies on a server or a stick.</summary>
/// <param name="Folder">With its manifest and blobs.</param>
/// <param name="Sha256">Of its envelope.</param>
/// <param name="Base">The model that it is, or is for.</param>
/// <param name="Canaries">Bytes of its plain weights, by what they are.</param>
internal sealed record SealedPackage(string Folder, PackageSlot Slot, int Release, string Sha256, BaseModel Base, ImmutableArray<PackageBlob> Blobs, IReadOnlyDictionary<string, byte[]> Canaries)
{
    /// <summary>Bytes of all blobs.</summary>
    public long SealedSize => Blobs.Sum(b => b.SealedSize);

    /// <summary>Path of a blob.</summary>
    public string PathOf(PackageBlob blob) => Path.Combine(Folder, PackageFolder.BlobsName, blob.SealedName);
}

/// <summary>People with keys, who sign a root and packages for the devices of line A. What they work with in plain lies in <see cref="Plain"/>, where no gateway looks.</summary>
internal sealed class PackageMaker : IDisposable
{
    /// <summary>The group that all packages are for.</summary>
    public const string Group = "line-a";

    private const string AdapterName = "pumps";
    private static readonly (DateTimeOffset Issued, DateTimeOffset Expires) Valid = (new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly SigningKey rootKey = SigningKey.New();
    private readonly SigningKey releaseKey = SigningKey.New();
    private readonly GroupKey group = new(Group, 1, X25519Identity.New());
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-maker-");

    public PackageMaker()
    {
        var root = new Root(1, Valid.Issued, Valid.Expires, 1, new Role(1, [rootKey.Public]), new Role(1, [releaseKey.Public]));
        File.WriteAllBytes(Root, new Envelope(Packages.Roots.Root.PayloadType, [.. root.ToJson()], []).Sign(rootKey).ToJson());
    }

    /// <summary>Where the plain weights are.</summary>
    public string Plain => folder.FullName;

    /// <summary>The file of the root.</summary>
    public string Root => Path.Combine(folder.FullName, "root.1.json");

    /// <summary>The key of line A, for a device.</summary>
    public byte[] GrantTo(X25519Recipient device) => Grant.Seal(group, [device]);

    /// <summary>A model that judges like the image's and has other weights.</summary>
    /// <param name="target">Where the package is to lie.</param>
    /// <param name="change">Something in the manifest.</param>
    public SealedPackage Model(string target, int release, Func<PackageManifest, PackageManifest>? change = null)
    {
        var plain = NewFolder("model");
        var canaries = ChangedModel.Write(plain, seed: release);
        return Seal(plain, target, new PackageSlot(PackageKind.Model, "phi-sensor"), release, IdentityOf(plain), canaries, change);
    }

    /// <summary>A package of any files.</summary>
    public SealedPackage Package(string target, string plain, PackageSlot slot) => Seal(plain, target, slot, 1, IdentityOf(plain), new Dictionary<string, byte[]>(), null);

    /// <summary>Writes the secret of the group to a file in <see cref="Plain"/>, for a process that opens packages without a device key; gives its path.</summary>
    public string WriteIdentity()
    {
        var text = new byte[X25519Identity.TextLength];
        group.Identity.WriteText(text);
        var path = Path.Combine(Plain, "identity");
        File.WriteAllBytes(path, text);
        return path;
    }

    /// <summary>A folder for plain files that is not there yet.</summary>
    public string NewFolder(string kind) => Path.Combine(folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{kind}-{Guid.NewGuid():N}"));

    /// <summary>An adapter that changes next to nothing.</summary>
    /// <param name="under">The model that it is for.</param>
    public SealedPackage Adapter(string target, int release, BaseModel under, Func<PackageManifest, PackageManifest>? change = null)
    {
        var plain = NewFolder("adapter");
        var layer = DecoderWeights.Read(LoadedModel.BuiltIn).Tensors["model.layers.0.self_attn.qkv_proj.weight"];
        var (random, canaries) = (new Random(release), new Dictionary<string, byte[]>());
        float[] values = [.. Enumerable.Range(0, 2 * layer.Shape[1]).Select(_ => random.NextSingle())];
        var a = new FloatTensor([2, layer.Shape[1]], values);
        var b = new FloatTensor([layer.Shape[0], 2], [.. Enumerable.Repeat(1e-9f, 2 * layer.Shape[0])]);
        LoraWriter.Write(plain, AdapterName, [new LoraFactors("model.layers.0.self_attn.qkv_proj", a, b)], 4);
        File.WriteAllText(Path.Combine(plain, "sensor.json"), new JsonObject
        {
            ["schema"] = 1,
            ["name"] = AdapterName,
            ["promptVersion"] = under.PromptVersion,
            ["base"] = new JsonObject { ["name"] = "phi-sensor", ["sha256"] = under.Model },
            ["threshold"] = 1,
            ["calibration"] = new JsonObject { ["slope"] = 1, ["offset"] = 0 },
        }.ToJsonString());
        canaries["adapter"] = MemoryMarshal.AsBytes(values.AsSpan(0, 32)).ToArray();
        return Seal(plain, target, new PackageSlot(PackageKind.Adapter, AdapterName), release, under, canaries, change);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        rootKey.Dispose();
        releaseKey.Dispose();
        group.Dispose();
        folder.Delete(recursive: true);
    }

    /// <summary>Of a model's folder; adapters here are for the built-in one.</summary>
    private static BaseModel IdentityOf(string plain)
    {
        var model = File.Exists(Path.Combine(plain, Tokenizer.FileName)) ? plain : LoadedModel.BuiltIn;
        return new BaseModel(DecoderWeights.Digest(model), Digest(File.ReadAllBytes(Path.Combine(model, Tokenizer.FileName))), SensorModel.Load(model).PromptVersion);
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private SealedPackage Seal(string plain, string target, PackageSlot slot, int release, BaseModel under, IReadOnlyDictionary<string, byte[]> canaries, Func<PackageManifest, PackageManifest>? change)
    {
        var blobs = Directory.CreateDirectory(Path.Combine(target, PackageFolder.BlobsName)).FullName;
        var manifest = new PackageManifest(
            slot, release, 1, Valid.Issued, Valid.Expires, [new GroupRecipient(group.Group, group.Epoch, group.Identity.Recipient.Text)], under, null,
            [.. Directory.GetFiles(plain).Order(StringComparer.Ordinal).Select(file => Seal(file, blobs))]);
        manifest = change?.Invoke(manifest) ?? manifest;
        var envelope = new Envelope(PackageManifest.PayloadType, [.. manifest.ToJson()], []).Sign(releaseKey).ToJson();

        // last, as people copy it
        File.WriteAllBytes(Path.Combine(target, PackageFolder.EnvelopeName), envelope);
        return new SealedPackage(target, slot, release, Digest(envelope), under, manifest.Blobs, canaries);
    }

    private PackageBlob Seal(string file, string blobs)
    {
        var plain = File.ReadAllBytes(file);
        using MemoryStream read = new(plain), written = new();
        AgeWriter.Seal(read, written, [group.Identity.Recipient]);
        var bytes = written.ToArray();
        var blob = new PackageBlob(Path.GetFileName(file), plain.Length, Digest(plain), bytes.Length, Digest(bytes));
        File.WriteAllBytes(Path.Combine(blobs, blob.SealedName), bytes);
        return blob;
    }
}
