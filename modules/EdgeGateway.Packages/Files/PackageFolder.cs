using System.Collections.Immutable;
using System.Security.Cryptography;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using Microsoft.Win32.SafeHandles;

namespace EdgeGateway.Packages.Files;

/// <summary>A package on a disk: measures it, follows no link within it, judges nothing (docs/formats/package.md).</summary>
/// <remarks>A disk that fails and a file that may not be read throw <see cref="IOException"/>; what is missing or of the wrong kind is a fact instead.</remarks>
public static class PackageFolder
{
    /// <summary>Name of the envelope in a package.</summary>
    public const string EnvelopeName = "manifest.json";

    /// <summary>Name of the folder with the sealed blobs in a package.</summary>
    public const string BlobsName = "blobs";

    private static readonly MeasuredBlob NoPlainFile = new(false, 0, "");

    /// <summary>Reads the envelope, and measures the blobs that it names whether it is signed or not.</summary>
    /// <remarks><see cref="PackageVerifier"/> tells from <see cref="ReadEnvelope"/> alone whether that is worth it.</remarks>
    public static MeasuredPackage Measure(string folder)
    {
        var envelope = ReadEnvelope(folder);
        return Envelope.TryRead(envelope, out var read, out _) && PackageManifest.TryRead(read.Payload.AsSpan(), out var manifest, out _)
            ? new(envelope, Measure(folder, manifest)) : new(envelope, ImmutableDictionary<string, MeasuredBlob>.Empty);
    }

    /// <summary>The bytes of the envelope, at most one more than it may have; empty when there is no such plain file.</summary>
    public static byte[] ReadEnvelope(string folder) => ReadFile(folder, EnvelopeName, Envelope.MaxBytes);

    /// <summary>The bytes of a small file in a folder, at most one more than <paramref name="most"/>; empty when there is no such plain file.</summary>
    public static byte[] ReadFile(string folder, string name, int most)
    {
        using var opened = PlainFile.OpenFolder(folder);
        using var file = opened is null ? null : PlainFile.Open(opened, name, out _);
        return file is null ? [] : Read(file, most + 1);
    }

    /// <summary>Opens a sealed blob; null when there is no such plain file.</summary>
    public static FileStream? OpenBlob(string folder, PackageBlob blob)
    {
        using var blobs = OpenBlobs(folder, out _);
        return blobs is not null && PlainFile.Open(blobs, blob.SealedName, out _) is { } file ? new FileStream(file, FileAccess.Read) : null;
    }

    /// <summary>Measures the blobs of a manifest that was read already, in the folder <see cref="BlobsName"/> of a folder.</summary>
    public static ImmutableDictionary<string, MeasuredBlob> Measure(string folder, PackageManifest manifest)
    {
        using var blobs = OpenBlobs(folder, out var exists);
        var measured = from blob in manifest.Blobs
                       let facts = blobs is not null ? Measure(blobs, blob) : exists ? NoPlainFile : null
                       where facts is not null
                       select KeyValuePair.Create(blob.SealedSha256, facts);
        return measured.ToImmutableDictionary();
    }

    private static MeasuredBlob? Measure(SafeFileHandle blobs, PackageBlob blob)
    {
        using var file = PlainFile.Open(blobs, blob.SealedName, out var exists);
        if (file is null)
        {
            return exists ? NoPlainFile : null;
        }

        // one of another length is not read at all; one that grows meanwhile is read no further than it was said to go
        return RandomAccess.GetLength(file) is var length && length != blob.SealedSize ? new(true, length, "") : Hash(file, length);
    }

    private static MeasuredBlob Hash(SafeFileHandle file, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        for (var at = 0L; at < length;)
        {
            var count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at)), at);
            if (count == 0)
            {
                return new(true, at, "");
            }

            hash.AppendData(buffer, 0, count);
            at += count;
        }

        return new(true, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static byte[] Read(SafeFileHandle file, int most)
    {
        var bytes = new byte[(int)Math.Min(most, RandomAccess.GetLength(file))];
        var length = 0;
        while (length < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(length), length) is > 0 and var count)
        {
            length += count;
        }

        return bytes[..length];
    }

    private static SafeFileHandle? OpenBlobs(string folder, out bool exists)
    {
        exists = false;
        using var opened = PlainFile.OpenFolder(folder);
        return opened is null ? null : PlainFile.OpenFolder(opened, BlobsName, out exists);
    }
}
