using System.Security.Cryptography;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Age;

/// <summary>Seals files in the age v1 format (https://age-encryption.org/v1), in memory of a few chunks.</summary>
public static class AgeWriter
{
    /// <summary>Seals what a stream has to its end. The same again gives other bytes: keys and nonces are random.</summary>
    /// <param name="sealedFile">Gets the age file; not flushed.</param>
    /// <param name="recipients">At least one; each of them can open it.</param>
    public static void Seal(Stream plain, Stream sealedFile, IReadOnlyCollection<X25519Recipient> recipients)
    {
        using var payload = Begin(sealedFile, fileKey => Wrap(fileKey, recipients));
        var (chunk, following) = (Buffer(), Buffer());
        try
        {
            var length = Fill(chunk);
            for (var more = true; more;)
            {
                // a full chunk is the last one when nothing follows
                var followingLength = length == chunk.Length ? Fill(following) : 0;
                more = followingLength > 0;
                payload.Write(chunk.AsSpan(0, length), last: !more);
                (chunk, following, length) = (following, chunk, followingLength);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
            CryptographicOperations.ZeroMemory(following);
        }

        int Fill(byte[] buffer) => plain.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
    }

    /// <summary>Seals a small secret; no copy of it stays behind.</summary>
    internal static byte[] Seal(ReadOnlySpan<byte> secret, Func<byte[], IEnumerable<Stanza>> wrap)
    {
        using var file = new MemoryStream();
        using var payload = Begin(file, wrap);
        for (var last = false; !last;)
        {
            last = secret.Length <= Payload.ChunkLength;
            var length = Math.Min(secret.Length, Payload.ChunkLength);
            payload.Write(secret[..length], last);
            secret = secret[length..];
        }

        return file.ToArray();
    }

    /// <summary>The file key for every one of these, each once.</summary>
    internal static IEnumerable<Stanza> Wrap(byte[] fileKey, IReadOnlyCollection<X25519Recipient> recipients)
    {
        ArgumentOutOfRangeException.ThrowIfZero(recipients.Count);
        return recipients.Distinct().Select(recipient => X25519Stanza.Wrap(fileKey, recipient));
    }

    private static PayloadWriter Begin(Stream file, Func<byte[], IEnumerable<Stanza>> wrap)
    {
        var fileKey = Buffer(WrappedKey.FileKeyLength);
        try
        {
            RandomNumberGenerator.Fill(fileKey);
            file.Write(Header.Write(wrap(fileKey), fileKey));
            return new PayloadWriter(file, fileKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(fileKey);
        }
    }

    /// <summary>Pinned, so that the collector leaves no copies when it moves things.</summary>
    private static byte[] Buffer(int length = Payload.ChunkLength) => GC.AllocateUninitializedArray<byte>(length, pinned: true);
}
