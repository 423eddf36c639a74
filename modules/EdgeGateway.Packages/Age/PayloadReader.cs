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
    private bool sealedAsLast;

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

    /// <summary>Goes to the next chunk; false behind the last one.</summary>
    /// <exception cref="SealingException">The file ends within it, or before its last chunk, or goes on behind that.</exception>
    public bool Advance()
    {
        if (sealedAsLast)
        {
            return followingLength == 0 ? false : throw Failure(SealingFailure.Appended, "goes on behind its last one,");
        }

        (chunk, following, length) = (following, chunk, followingLength);
        followingLength = length == chunk.Length ? Fill(following) : 0;
        number++;
        return length >= Payload.TagLength ? true : throw Failure(SealingFailure.Truncated, "ends before it is over, in");
    }

    /// <summary>Opens the present chunk straight into memory of <see cref="PlainLength"/> bytes. When it throws, what is there is zero.</summary>
    /// <exception cref="SealingException">The chunk is not what was sealed in this place.</exception>
    public void Open(Span<byte> plain)
    {
        if (PlainLength == 0 && number > 0)
        {
            throw Failure(SealingFailure.Chunk, "has nothing in");
        }

        // a full chunk that is sealed as the last one and is not, or the other way round, is authentic: what is wrong is the file, and Advance says so
        sealedAsLast = followingLength == 0;
        if (TryOpen(plain, sealedAsLast))
        {
            return;
        }

        sealedAsLast = !sealedAsLast;
        if (length < chunk.Length || !TryOpen(plain, sealedAsLast))
        {
            throw Failure(SealingFailure.Chunk, "was changed, in");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => cipher.Dispose();

    private bool TryOpen(Span<byte> plain, bool asLast)
    {
        Span<byte> nonce = stackalloc byte[12];
        Payload.WriteChunkNonce(nonce, number, asLast);
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
