using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EdgeGateway.Packages.Age;

/// <summary>
/// Payload of an age file (STREAM): a nonce of 16 bytes, then the plaintext in chunks of 64 KiB, each under ChaCha20-Poly1305 with its number and whether it is the last as nonce.
/// </summary>
internal static class Payload
{
    /// <summary>Plain bytes of every chunk but the last one.</summary>
    public const int ChunkLength = 64 * 1024;

    /// <summary>Bytes of authentication behind every chunk.</summary>
    public const int TagLength = 16;

    /// <summary>Bytes of a full chunk in the file.</summary>
    public const int SealedChunkLength = ChunkLength + TagLength;

    /// <summary>Bytes in front of the chunks.</summary>
    public const int NonceLength = 16;

    /// <summary>Plain bytes of a payload with so many bytes behind its nonce, if it is whole.</summary>
    public static long PlainLength(long sealedLength) =>
        Math.Max(0, sealedLength) / SealedChunkLength * ChunkLength + Math.Max(0, sealedLength % SealedChunkLength - TagLength);

    /// <summary>The cipher of one payload; nobody else holds its key.</summary>
    public static ChaCha20Poly1305 CreateCipher(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> nonce)
    {
        Span<byte> key = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, key, nonce, "payload"u8);
        var cipher = new ChaCha20Poly1305(key);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    /// <summary>Nonce of a chunk: its number from zero in 11 bytes, big endian, then 1 for the last one, else 0.</summary>
    /// <param name="nonce">12 bytes.</param>
    public static void WriteChunkNonce(Span<byte> nonce, long chunk, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..], chunk);
        nonce[11] = last ? (byte)1 : (byte)0;
    }
}
