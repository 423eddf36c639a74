using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Files;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Storage;

namespace EdgeGateway.ModelKit.Packaging;

/// <summary>A file of a draft.</summary>
/// <param name="Path">Its name.</param>
/// <param name="Size">Bytes.</param>
internal sealed record DraftFile([property: JsonRequired] string Path, [property: JsonRequired] long Size, [property: JsonRequired] string Sha256);

/// <summary>
/// A package before it is sealed: a folder with the plain files and <c>draft.json</c>, which says of the manifest what is known by then. The same files and words give the same bytes.
/// </summary>
internal sealed record PackageDraft(
    [property: JsonRequired] PackageKind Kind,
    [property: JsonRequired] string Name,
    [property: JsonRequired] int Release,
    [property: JsonRequired] int Epoch,
    [property: JsonRequired] DateTimeOffset Issued,
    [property: JsonRequired] DateTimeOffset Expires,
    [property: JsonRequired] BaseModel Base,
    [property: JsonRequired] string? Golden,
    [property: JsonRequired] ImmutableArray<DraftFile> Files)
{
    /// <summary>Name of the golden windows among the files.</summary>
    public const string GoldenName = "golden.json";

    private const string FileName = "draft.json";
    private const string FilesName = "files";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n", Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>Copies the files of a model or adapter, in the order of their names, and writes the draft.</summary>
    /// <param name="golden">Content of the golden windows; null: none.</param>
    public static PackageDraft Pack(PackageDraft about, DirectoryInfo source, byte[]? golden, DirectoryInfo target)
    {
        Require(!source.EnumerateDirectories().Any(), $"{source} has folders in it; a package has none: move them away.");
        Require(!(golden is not null && File.Exists(Path.Combine(source.FullName, GoldenName))), $"{source} has a file {GoldenName}, which is the name of the golden windows; rename it.");
        var files = Directory.CreateDirectory(Path.Combine(target.FullName, FilesName)).FullName;
        foreach (var file in source.EnumerateFiles())
        {
            Require(file.LinkTarget is null, $"{file} is a link; copy what it points to.");
            file.CopyTo(Path.Combine(files, file.Name));
        }

        if (golden is not null)
        {
            DurableFile.Replace(Path.Combine(files, GoldenName), golden);
        }

        var draft = about with
        {
            Golden = golden is null ? null : GoldenName,
            Files = [.. new DirectoryInfo(files).EnumerateFiles().Select(f => f.Name).Order(StringComparer.Ordinal).Select(name => Measure(files, name))],
        };
        DurableFile.Replace(Path.Combine(target.FullName, FileName), JsonSerializer.SerializeToUtf8Bytes(draft, Json));
        return draft;
    }

    /// <summary>Reads what <see cref="Pack"/> wrote.</summary>
    public static PackageDraft Read(DirectoryInfo folder)
    {
        var path = Path.Combine(folder.FullName, FileName);
        try
        {
            return JsonSerializer.Deserialize<PackageDraft>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it holds null");
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException)
        {
            throw new FormatException($"{path} is no draft as package pack writes it: {e.Message}", e);
        }
    }

    /// <summary>Seals every file for some groups and writes the package, which nobody has signed yet.</summary>
    /// <param name="advanced">Told how many bytes are sealed so far.</param>
    /// <exception cref="FormatException">A file is not what the draft says, or what follows would be no manifest.</exception>
    public PackageManifest Seal(DirectoryInfo draft, IReadOnlyList<GroupRecipient> groups, DirectoryInfo target, Action<long> advanced)
    {
        X25519Recipient[] recipients = [.. groups.Select(g => X25519Recipient.Parse(g.Recipient)!)];
        var blobs = Directory.CreateDirectory(Path.Combine(target.FullName, PackageFolder.BlobsName)).FullName;
        var (sealedBlobs, done) = (ImmutableArray.CreateBuilder<PackageBlob>(), 0L);
        foreach (var file in Files)
        {
            Require(Path.GetFileName(file.Path) == file.Path, $"{draft} names a file outside of it, {file.Path}; pack it again.");
            var source = Path.Combine(draft.FullName, FilesName, file.Path);
            Require(Measure(Path.GetDirectoryName(source)!, file.Path) == file, $"{source} is not the file that was packed; pack it again.");
            sealedBlobs.Add(Seal(file, source, recipients, blobs));
            advanced(done += file.Size);
        }

        var manifest = new PackageManifest(new PackageSlot(Kind, Name), Release, Epoch, Issued, Expires, [.. groups], Base, Golden, sealedBlobs.ToImmutable());
        var payload = manifest.ToJson();
        Require(PackageManifest.TryRead(payload, out _, out var refusal), refusal?.Sentence ?? "");
        DurableFile.Replace(Path.Combine(target.FullName, PackageFolder.EnvelopeName), new Envelope(PackageManifest.PayloadType, [.. payload], []).ToJson());
        return manifest;
    }

    private static PackageBlob Seal(DraftFile file, string source, X25519Recipient[] recipients, string folder)
    {
        var unnamed = Path.Combine(folder, "unfinished");
        long size;
        string sha256;
        using (var plain = File.OpenRead(source))
        using (var written = new FileStream(unnamed, FileMode.Create, FileAccess.Write))
        using (var measured = new HashingStream(written))
        {
            AgeWriter.Seal(plain, measured, recipients);
            (size, sha256) = (measured.Length, measured.Sha256);
        }

        var blob = new PackageBlob(file.Path, file.Size, file.Sha256, size, sha256);
        File.Move(unnamed, Path.Combine(folder, blob.SealedName));
        return blob;
    }

    private static DraftFile Measure(string folder, string name)
    {
        var (size, sha256) = HashingStream.Measure(Path.Combine(folder, name));
        return new DraftFile(name, size, sha256);
    }

    private static void Require(bool holds, string sentence)
    {
        if (!holds)
        {
            throw new FormatException(sentence);
        }
    }
}
