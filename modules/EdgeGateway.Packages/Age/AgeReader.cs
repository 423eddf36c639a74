using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Age;

/// <summary>Opens files in the age v1 format (https://age-encryption.org/v1), in memory of a few chunks. No byte is handed out before its chunk was authenticated. Outside of the library blobs are opened by <see cref="Verification.AcceptedPackage"/>.</summary>
internal static class AgeReader
{
    /// <summary>Finds the file key in a header.</summary>
    internal delegate void Unwrap(Header header, Span<byte> fileKey);

    /// <summary>Opens a file straight into memory of the caller: no other place ever holds plaintext. When it throws, for whatever reason, what had been opened is zeroed.</summary>
    /// <param name="sealedFile">Read to its end. The header is read byte by byte: a buffered stream, as files are.</param>
    /// <param name="plain">Native memory of <paramref name="length"/> bytes; its content is plaintext only when this returns.</param>
    /// <param name="length">What the file holds, exactly.</param>
    /// <exception cref="SealingException">It was refused.</exception>
    public static unsafe void Open(Stream sealedFile, IReadOnlyCollection<X25519Identity> identities, byte* plain, long length)
    {
        using var payload = Begin(Header.Read(sealedFile), sealedFile, (header, fileKey) => X25519Stanza.Unwrap(header, identities, fileKey));
        Open(payload, plain, length);
    }

    /// <summary>Opens a file into a stream. What was written is authentic, and the whole only when this returns.</summary>
    /// <param name="sealedFile">Read to its end. The header is read byte by byte: a buffered stream, as files are.</param>
    /// <exception cref="SealingException">It was refused.</exception>
    public static void Open(Stream sealedFile, IReadOnlyCollection<X25519Identity> identities, Stream plain)
    {
        using var payload = Begin(Header.Read(sealedFile), sealedFile, (header, fileKey) => X25519Stanza.Unwrap(header, identities, fileKey));
        var chunk = GC.AllocateUninitializedArray<byte>(Payload.ChunkLength, pinned: true);
        try
        {
            while (payload.Advance())
            {
                payload.Open(chunk.AsSpan(0, payload.PlainLength));
                plain.Write(chunk, 0, payload.PlainLength);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
        }
    }

    /// <summary>Opens a small secret; the caller clears it. It does not move in memory.</summary>
    internal static unsafe byte[] Open(byte[] sealedFile, Unwrap unwrap)
    {
        using var file = new MemoryStream(sealedFile);
        var header = Header.Read(file);
        var secret = GC.AllocateUninitializedArray<byte>((int)Payload.PlainLength(file.Length - file.Position - Payload.NonceLength), pinned: true);
        using var payload = Begin(header, file, unwrap);
        fixed (byte* plain = secret)
        {
            Open(payload, plain, secret.Length);
        }

        return secret;
    }

    private static unsafe void Open(PayloadReader payload, byte* plain, long length)
    {
        var (filled, whole) = (0L, false);
        try
        {
            for (; payload.Advance(); filled += payload.PlainLength)
            {
                RequireLength(payload.PlainLength <= length - filled);
                payload.Open(new Span<byte>(plain + filled, payload.PlainLength));
            }

            RequireLength(filled == length);
            whole = true;
        }
        finally
        {
            if (!whole)
            {
                NativeMemory.Clear(plain, (nuint)filled);
            }
        }

        void RequireLength(bool holds)
        {
            if (!holds)
            {
                throw new SealingException(SealingFailure.PlainLength, $"The sealed file does not hold the {length} bytes that it should: make the package again.");
            }
        }
    }

    private static PayloadReader Begin(Header header, Stream file, Unwrap unwrap)
    {
        Span<byte> fileKey = stackalloc byte[WrappedKey.FileKeyLength];
        try
        {
            unwrap(header, fileKey);
            header.Verify(fileKey);
            return new PayloadReader(file, fileKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(fileKey);
        }
    }
}
