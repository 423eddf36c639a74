using System.Security.Cryptography;

namespace EdgeGateway.Packages.Age;

/// <summary>Seals a payload chunk by chunk.</summary>
internal sealed class PayloadWriter : IDisposable
{
    private readonly Stream file;
    private readonly ChaCha20Poly1305 cipher;
    private readonly byte[] chunk = new byte[Payload.SealedChunkLength];
    private long number;

    /// <summary>Begins behind the header.</summary>
    public PayloadWriter(Stream file, ReadOnlySpan<byte> fileKey)
    {
        this.file = file;
        var nonce = RandomNumberGenerator.GetBytes(Payload.NonceLength);
        cipher = Payload.CreateCipher(fileKey, nonce);
        file.Write(nonce);
    }

    /// <summary>Writes a chunk.</summary>
    /// <param name="plain">A full one, or when it is the last one at most that; empty only when it is the only one.</param>
    public void Write(ReadOnlySpan<byte> plain, bool last)
    {
        Span<byte> nonce = stackalloc byte[12];
        Payload.WriteChunkNonce(nonce, number++, last);
        cipher.Encrypt(nonce, plain, chunk.AsSpan(0, plain.Length), chunk.AsSpan(plain.Length, Payload.TagLength));
        file.Write(chunk, 0, plain.Length + Payload.TagLength);
    }

    /// <inheritdoc/>
    public void Dispose() => cipher.Dispose();
}
