using System.Security.Cryptography;

namespace EdgeGateway.Packages.Age;

/// <summary>Opens a payload chunk by chunk. Reads one chunk ahead, because only the end of the file tells which one should be the last.</summary>
internal sealed class PayloadReader : IDisposable
{
    private readonly Stream file;
    private readonly ChaCha20Poly1305 cipher;
    private byte[] chunk = new byte[Payload.SealedChunkLength];
    private byte[] following = new byte[Payload.SealedChunkLength];
    private int length;
    private int followingLength;
    private long number = -1;

    /// <summary>Begins behind the header.</summary>
    /// <exception cref="SealingException">Nothing is there.</exception>
    public PayloadReader(Stream file, ReadOnlySpan<byte> fileKey)
    {
        this.file = file;
        Span<byte> nonce = stackalloc byte[Payload.NonceLength];
        if (file.ReadAtLeast(nonce, nonce.Length, throwOnEndOfStream: false) < nonce.Length)
        {
            throw new SealingException(SealingFailure.Header, "The sealed file ends behind its header: fetch it again.");
        }

        cipher = Payload.CreateCipher(fileKey, nonce);
        followingLength = Fill(following);
    }

    /// <summary>Plain bytes of the present chunk; its authenticity is not known yet.</summary>
    public int PlainLength => length - Payload.TagLength;

    private bool IsLast => followingLength == 0;

    /// <summary>Goes to the next chunk; false behind the last one.</summary>
    /// <exception cref="SealingException">The file ends within it.</exception>
    public bool Advance()
    {
        if (number >= 0 && IsLast)
        {
            return false;
        }

        (chunk, following, length) = (following, chunk, followingLength);
        followingLength = length == chunk.Length ? Fill(following) : 0;
        number++;
        return length >= Payload.TagLength ? true : throw Failure(SealingFailure.Truncated, "ends too early, within");
    }

    /// <summary>Opens the present chunk straight into memory of <see cref="PlainLength"/> bytes. When it throws, what is there is zero.</summary>
    /// <exception cref="SealingException">The chunk is not what was sealed in this place.</exception>
    public void Open(Span<byte> plain)
    {
        if (PlainLength == 0 && number > 0)
        {
            throw Failure(SealingFailure.Chunk, "has nothing in");
        }

        if (!TryOpen(plain, IsLast))
        {
            // a chunk that is sound but for its flag says what was done to the file
            var cut = TryOpen(plain, !IsLast);
            CryptographicOperations.ZeroMemory(plain);
            throw !cut ? Failure(SealingFailure.Chunk, "was changed, in") : IsLast ? Failure(SealingFailure.Truncated, "ends too early, behind") : Failure(SealingFailure.Appended, "goes on behind its last one,");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => cipher.Dispose();

    private bool TryOpen(Span<byte> plain, bool last)
    {
        Span<byte> nonce = stackalloc byte[12];
        Payload.WriteChunkNonce(nonce, number, last);
        try
        {
            cipher.Decrypt(nonce, chunk.AsSpan(0, PlainLength), chunk.AsSpan(PlainLength, Payload.TagLength), plain);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private int Fill(byte[] buffer) => file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);

    private SealingException Failure(SealingFailure failure, string what) => new(failure, $"The sealed file {what} chunk {number}: fetch it again from where it was sealed.");
}
