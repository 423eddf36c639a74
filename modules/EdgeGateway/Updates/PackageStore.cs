using System.Collections.Immutable;
using System.Security.Cryptography;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Files;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Storage;

namespace EdgeGateway.Updates;

/// <summary>
/// Our own copy of packages, sealed as they came: <c>packages/{sha256}.json</c>, the envelopes, and <c>blobs/{sha256}.age</c>, which packages share. What lies there is judged anew each time
/// it is used.
/// </summary>
internal sealed class PackageStore
{
    private readonly string folder;
    private readonly string packages;
    private readonly string blobs;

    public PackageStore(string folder)
    {
        this.folder = folder;
        packages = Directory.CreateDirectory(Path.Combine(folder, "packages")).FullName;
        blobs = Directory.CreateDirectory(Path.Combine(folder, PackageFolder.BlobsName)).FullName;
    }

    /// <summary>Where an envelope lies, or will.</summary>
    public string EnvelopePath(string sha256) => Path.Combine(packages, sha256 + ".json");

    /// <summary>Where a sealed blob lies, or will.</summary>
    public string BlobPath(PackageBlob blob) => Path.Combine(blobs, blob.SealedName);

    /// <summary>An envelope; null when it is not there, or is not what its name says.</summary>
    public byte[]? Envelope(string sha256) =>
        DurableFile.Read(EnvelopePath(sha256), Packages.Envelopes.Envelope.MaxBytes) is { } bytes && DigestOf(bytes) == sha256 ? bytes : null;

    /// <summary>Keeps an envelope under its digest, which is returned.</summary>
    /// <exception cref="StorageException">The disk did not take it.</exception>
    public string Keep(byte[] envelope)
    {
        var sha256 = DigestOf(envelope);
        DurableFile.Replace(EnvelopePath(sha256), envelope);
        return sha256;
    }

    /// <summary>What an envelope is called by.</summary>
    public static string DigestOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The manifest of an envelope, signed or not; null when it is none.</summary>
    public static PackageManifest? ManifestOf(byte[] envelope) =>
        Packages.Envelopes.Envelope.TryRead(envelope, out var read, out _) && PackageManifest.TryRead(read.Payload.AsSpan(), out var manifest, out _) ? manifest : null;

    /// <summary>A package without its blobs: all that can be said before they are there.</summary>
    public static MeasuredPackage WithoutBlobs(byte[] envelope) => new(envelope, ImmutableDictionary<string, MeasuredBlob>.Empty);

    /// <summary>A package with its blobs, measured now.</summary>
    public MeasuredPackage Measure(byte[] envelope) => ManifestOf(envelope) is { } manifest ? new(envelope, PackageFolder.Measure(folder, manifest)) : WithoutBlobs(envelope);

    /// <summary>A sealed blob; null when there is no such plain file.</summary>
    public FileStream? OpenBlob(PackageBlob blob) => PackageFolder.OpenBlob(folder, blob);

    /// <summary>Copies a sealed blob that lies in a package elsewhere; false when it is not there, or is not what its name says.</summary>
    /// <exception cref="IOException">A disk failed, or ours has too little room.</exception>
    public bool TryCopy(string fromPackage, PackageBlob blob)
    {
        using (var kept = OpenBlob(blob))
        {
            if (kept?.Length == blob.SealedSize && CopyHashed(kept, Stream.Null) == blob.SealedSha256)
            {
                return true;
            }
        }

        using var source = PackageFolder.OpenBlob(fromPackage, blob);
        if (source is null || source.Length != blob.SealedSize)
        {
            return false;
        }

        var isRight = false;
        var path = BlobPath(blob) + ".copy";
        if (DataVolume.Problem(path, blob.SealedSize) is { } problem)
        {
            throw new IOException($"{blob.Path} is not copied, {problem}.");
        }

        DurableFile.Replace(path, target => isRight = CopyHashed(source, target) == blob.SealedSha256);
        if (isRight)
        {
            File.Move(path, BlobPath(blob), overwrite: true);
            DurableFile.SyncDirectory(blobs);
        }
        else
        {
            File.Delete(path);
        }

        return isRight;
    }

    /// <summary>Removes what none of these packages needs, also what was fetched in part.</summary>
    /// <param name="envelopes">Digests of envelopes.</param>
    public void KeepOnly(IReadOnlySet<string> envelopes)
    {
        var needed = envelopes.Select(Envelope).OfType<byte[]>().Select(ManifestOf).OfType<PackageManifest>().SelectMany(m => m.Blobs).Select(b => b.SealedName).ToHashSet(StringComparer.Ordinal);
        Remove(packages, name => !envelopes.Contains(name.Split('.')[0]));
        Remove(blobs, name => !needed.Any(blob => name.StartsWith(blob, StringComparison.Ordinal)));
    }

    private static void Remove(string folder, Func<string, bool> isSuperfluous)
    {
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => isSuperfluous(Path.GetFileName(path))).ToList())
        {
            File.Delete(path);
        }
    }

    private static string CopyHashed(Stream source, Stream target)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        for (var count = source.Read(buffer); count > 0; count = source.Read(buffer))
        {
            hash.AppendData(buffer, 0, count);
            target.Write(buffer, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
