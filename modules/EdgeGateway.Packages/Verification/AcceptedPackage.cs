using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.Packages.Verification;

/// <summary>A package that passed every check; <see cref="PackageVerifier"/> alone makes it, and it alone opens blobs.</summary>
public sealed class AcceptedPackage
{
    private const int MostHashed = 1 << 30; // a span ends at 2 GB

    internal AcceptedPackage(PackageManifest manifest, GroupRecipient key, TrustState trust) => (Manifest, Key, Trust) = (manifest, key, trust);

    /// <summary>What was accepted.</summary>
    public PackageManifest Manifest { get; }

    /// <summary>Which of the device's group keys opens the blobs.</summary>
    public GroupRecipient Key { get; }

    /// <summary>The state to keep once the package is in place: floors raised, the newest signed time moved on.</summary>
    public TrustState Trust { get; }

    /// <summary>Opens a blob straight into memory of the caller: no other place ever holds plaintext. Nothing may use it before this returns null; when it is refused, or the stream fails, the memory is zeroed.</summary>
    /// <param name="blob">One of the manifest's.</param>
    /// <param name="sealedFile">Read to its end; buffered, as files are.</param>
    /// <param name="key">The group key that <see cref="Key"/> names.</param>
    /// <param name="plain">Native memory for the blob's <see cref="PackageBlob.Size"/> bytes.</param>
    /// <returns>Null when it is what the manifest says; else <see cref="RefusalCode.Sealing"/>, <see cref="RefusalCode.TooLarge"/> (the header), <see cref="RefusalCode.PlainLength"/> or <see cref="RefusalCode.PlainDigest"/>.</returns>
    /// <exception cref="ArgumentException">Another package's blob, or another key.</exception>
    public unsafe Refusal? Open(PackageBlob blob, Stream sealedFile, GroupKey key, byte* plain)
    {
        if (!Manifest.Blobs.Contains(blob) || new GroupRecipient(key.Group, key.Epoch, key.Identity.Recipient.Text) != Key)
        {
            throw new ArgumentException($"The blob {blob.Path} or the key of group {key.Group} is not of the package that was accepted.");
        }

        try
        {
            AgeReader.Open(sealedFile, [key.Identity], plain, blob.Size);
        }
        catch (SealingException e)
        {
            return new Refusal(e.Code, $"{blob.Path}: {e.Message}");
        }

        var refusal = PlainChecks.FirstFinding((blob, blob.Size, Digest(plain, blob.Size)));
        if (refusal is not null)
        {
            NativeMemory.Clear(plain, (nuint)blob.Size);
        }

        return refusal;
    }

    internal static IReadOnlyList<Check<(PackageBlob Blob, long Length, string Sha256)>> PlainChecks { get; } =
    [
        new(RefusalCode.PlainLength, o => o.Length == o.Blob.Size ? null
            : $"Blob {o.Blob.Path} opened to {o.Length} bytes, the manifest says {o.Blob.Size}; another file was sealed: have the package made anew."),
        new(RefusalCode.PlainDigest, o => o.Sha256 == o.Blob.Sha256 ? null
            : $"Blob {o.Blob.Path} opened to bytes with SHA-256 {o.Sha256}, the manifest says {o.Blob.Sha256}; "
                + "another file was sealed: have the package made anew."),
    ];

    private static unsafe string Digest(byte* plain, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var done = 0L; done < length; done += MostHashed)
        {
            hash.AppendData(new ReadOnlySpan<byte>(plain + done, (int)Math.Min(MostHashed, length - done)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
