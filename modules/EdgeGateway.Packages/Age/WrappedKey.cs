using System.Collections.Immutable;
using System.Security.Cryptography;

namespace EdgeGateway.Packages.Age;

/// <summary>Body of a stanza: a file key under ChaCha20-Poly1305 (RFC 8439) with a wrap key that is used once, so the nonce is zero.</summary>
internal static class WrappedKey
{
    /// <summary>Bytes of a file key.</summary>
    public const int FileKeyLength = 16;

    /// <summary>Bytes of a wrapped one. Anything else is refused before it is tried: age's guard against bodies that open under several keys.</summary>
    public const int Length = FileKeyLength + TagLength;

    private const int TagLength = 16;

    private static ReadOnlySpan<byte> Nonce => new byte[12];

    /// <summary>Wraps.</summary>
    public static ImmutableArray<byte> Wrap(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> wrapKey)
    {
        using var cipher = new ChaCha20Poly1305(wrapKey);
        Span<byte> body = stackalloc byte[Length];
        cipher.Encrypt(Nonce, fileKey, body[..FileKeyLength], body[FileKeyLength..]);
        return [.. body];
    }

    /// <summary>Unwraps; false when it was wrapped with another key.</summary>
    public static bool TryUnwrap(ReadOnlySpan<byte> body, ReadOnlySpan<byte> wrapKey, Span<byte> fileKey)
    {
        using var cipher = new ChaCha20Poly1305(wrapKey);
        try
        {
            cipher.Decrypt(Nonce, body[..FileKeyLength], body[FileKeyLength..], fileKey);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
