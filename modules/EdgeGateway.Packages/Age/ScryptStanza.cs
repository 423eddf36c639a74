using System.Globalization;
using System.Security.Cryptography;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Age;

/// <summary>The scrypt recipient type of age v1: a passphrase.</summary>
internal static class ScryptStanza
{
    /// <summary>First argument.</summary>
    public const string Type = "scrypt";

    /// <summary>What is read at most: 2^20 KiB, a gigabyte of memory and seconds of time.</summary>
    public const int MostWorkFactor = 20;

    private const int SaltLength = 16;

    /// <summary>Wraps a file key.</summary>
    /// <param name="workFactor">Base-two logarithm of scrypt's N.</param>
    public static Stanza Wrap(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> passphrase, int workFactor)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        Span<byte> wrapKey = stackalloc byte[32];
        DeriveWrapKey(passphrase, salt, workFactor, wrapKey);
        var body = WrappedKey.Wrap(fileKey, wrapKey);
        CryptographicOperations.ZeroMemory(wrapKey);
        return new Stanza([Type, UnpaddedBase64.Encode(salt), workFactor.ToString(CultureInfo.InvariantCulture)], body);
    }

    /// <summary>Finds the file key.</summary>
    /// <exception cref="SealingException">The stanza breaks a rule, takes too much work, or has another passphrase; or there is none.</exception>
    public static void Unwrap(Header header, ReadOnlySpan<byte> passphrase, Span<byte> fileKey)
    {
        // the parser saw to it that a passphrase stands alone
        var stanza = header.Stanzas[0];
        if (stanza.Type != Type)
        {
            throw new SealingException(SealingFailure.NoKey, "The sealed file has no passphrase: it is for the holder of a key.");
        }

        var (salt, workFactor) = (stanza.RequireForm(3, SaltLength), WorkFactorOf(stanza.Arguments[2]));
        Span<byte> wrapKey = stackalloc byte[32];
        DeriveWrapKey(passphrase, salt, workFactor, wrapKey);
        var opened = WrappedKey.TryUnwrap(stanza.Body.AsSpan(), wrapKey, fileKey);
        CryptographicOperations.ZeroMemory(wrapKey);
        if (!opened)
        {
            throw new SealingException(SealingFailure.NoKey, "This is not the passphrase of the sealed file: type it again.");
        }
    }

    /// <summary>A decimal number without sign or leading zero.</summary>
    private static int WorkFactorOf(string text)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var factor) || text[0] == '0' || factor > MostWorkFactor)
        {
            throw new SealingException(
                SealingFailure.Header,
                $"The passphrase of the sealed file has a work factor that is no number from 1 to {MostWorkFactor}: seal it again with age or modelkit.");
        }

        return factor;
    }

    private static void DeriveWrapKey(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, int workFactor, Span<byte> wrapKey) =>
        Scrypt.Derive(passphrase, [.. "age-encryption.org/v1/scrypt"u8, .. salt], workFactor, wrapKey);
}
