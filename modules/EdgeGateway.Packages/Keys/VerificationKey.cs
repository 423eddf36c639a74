using System.Security.Cryptography;
using NSec.Cryptography;
using PublicKey = NSec.Cryptography.PublicKey;

namespace EdgeGateway.Packages.Keys;

/// <summary>Public half of a signing key: Ed25519 (RFC 8032). Written <c>ed25519:BASE64</c>, 32 bytes.</summary>
public sealed record VerificationKey
{
    private const string Form = "ed25519:";
    private readonly PublicKey key;

    private VerificationKey(PublicKey key)
    {
        this.key = key;
        var bytes = key.Export(KeyBlobFormat.RawPublicKey);
        (Text, Id) = (Form + Convert.ToBase64String(bytes), Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary><c>ed25519:</c> and 44 characters of Base64.</summary>
    public string Text { get; }

    /// <summary>Lower-case hexadecimal SHA-256 of the 32 bytes.</summary>
    public string Id { get; }

    /// <summary>Reads <see cref="Text"/>; null when it is none, or no point of the curve that a signature could be made with.</summary>
    public static VerificationKey? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[33];
        return text.Length == Form.Length + 44 && text.StartsWith(Form, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[Form.Length..], bytes, out var length) && length == 32
            && Convert.ToBase64String(bytes[..32]) == text[Form.Length..]
            && PublicKey.TryImport(SignatureAlgorithm.Ed25519, bytes[..32], KeyBlobFormat.RawPublicKey, out var key)
            ? new VerificationKey(key!) : null;
    }

    /// <summary>Whether these 64 bytes are this key's signature of a message.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => SignatureAlgorithm.Ed25519.Verify(key, message, signature);

    /// <inheritdoc/>
    public bool Equals(VerificationKey? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    internal static VerificationKey Of(PublicKey key) => new(key);
}
