using System.Security.Cryptography;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Packages.Age;

/// <summary>The X25519 recipient type of age v1.</summary>
internal static class X25519Stanza
{
    private const string Type = "X25519";
    private const int ShareLength = 32;

    /// <summary>Wraps a file key for a recipient, with an ephemeral identity of its own.</summary>
    public static Stanza Wrap(ReadOnlySpan<byte> fileKey, X25519Recipient recipient)
    {
        using var ephemeral = X25519Identity.New();
        var share = ephemeral.Recipient.Point;
        Span<byte> wrapKey = stackalloc byte[32];
        DeriveWrapKey(ephemeral, recipient.Point, [.. share, .. recipient.Point], wrapKey);
        var body = WrappedKey.Wrap(fileKey, wrapKey);
        CryptographicOperations.ZeroMemory(wrapKey);
        return new Stanza([Type, UnpaddedBase64.Encode(share)], body);
    }

    /// <summary>Finds the file key that was wrapped for one of these identities; stanzas of other types are passed over.</summary>
    /// <exception cref="SealingException">An X25519 stanza breaks a rule, or none is for these identities.</exception>
    public static void Unwrap(Header header, IReadOnlyCollection<X25519Identity> identities, Span<byte> fileKey)
    {
        var stanzas = header.Stanzas.Where(s => s.Type == Type).Select(s => (Share: s.RequireForm(2, ShareLength), s.Body)).ToList();
        Span<byte> wrapKey = stackalloc byte[32];
        foreach (var (share, body) in stanzas)
        {
            foreach (var identity in identities)
            {
                DeriveWrapKey(identity, share, [.. share, .. identity.Recipient.Point], wrapKey);
                if (WrappedKey.TryUnwrap(body.AsSpan(), wrapKey, fileKey))
                {
                    CryptographicOperations.ZeroMemory(wrapKey);
                    return;
                }
            }
        }

        throw new SealingException(
            SealingFailure.NoKey,
            $"The sealed file is for none of the {identities.Count} keys that are here: seal it for the group or device that should open it.");
    }

    private static void DeriveWrapKey(X25519Identity identity, ReadOnlySpan<byte> point, ReadOnlySpan<byte> salt, Span<byte> wrapKey)
    {
        Span<byte> shared = stackalloc byte[32];
        if (!identity.TryAgree(point, shared))
        {
            throw new SealingException(
                SealingFailure.Header,
                "The header of the sealed file has a recipient with a share of low order, which age v1 forbids: do not trust where it comes from.");
        }

        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, wrapKey, salt, "age-encryption.org/v1/X25519"u8);
        CryptographicOperations.ZeroMemory(shared);
    }
}
