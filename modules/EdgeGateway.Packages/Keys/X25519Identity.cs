using System.Security.Cryptography;
using NSec.Cryptography;
using Key = NSec.Cryptography.Key;
using PublicKey = NSec.Cryptography.PublicKey;

namespace EdgeGateway.Packages.Keys;

/// <summary>
/// Private half of a key for sealing: an age identity, X25519 (RFC 7748), of a device or of a group. Kept in memory that is neither swapped nor dumped,
/// where the system lets libsodium lock it. The only place that computes X25519.
/// </summary>
public sealed class X25519Identity : IDisposable
{
    /// <summary>Characters of the text: <c>AGE-SECRET-KEY-1</c> and 58 more.</summary>
    public const int TextLength = 74;

    private const string Prefix = "AGE-SECRET-KEY-";
    private const int Size = 32;
    private readonly Key key;

    private X25519Identity(Key key) => (this.key, Recipient) = (key, X25519Recipient.Of(key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));

    private static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };

    private static SharedSecretCreationParameters ExportableSecret => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };

    /// <summary>What is sealed to, for this identity to open.</summary>
    public X25519Recipient Recipient { get; }

    /// <summary>A new one.</summary>
    public static X25519Identity New() => new(Key.Create(KeyAgreementAlgorithm.X25519, Exportable));

    /// <summary>Reads ASCII <c>AGE-SECRET-KEY-1...</c>, without line feed; null when it is none.</summary>
    public static X25519Identity? Parse(ReadOnlySpan<byte> text)
    {
        Span<byte> secret = stackalloc byte[Size];
        try
        {
            return Bech32.TryDecode(Prefix, text, secret) && Key.TryImport(KeyAgreementAlgorithm.X25519, secret, KeyBlobFormat.RawPrivateKey, out var key, Exportable)
                ? new X25519Identity(key!) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Writes the secret as ASCII <c>AGE-SECRET-KEY-1...</c> without line feed; the caller clears it.</summary>
    /// <param name="text"><see cref="TextLength"/> bytes.</param>
    public void WriteText(Span<byte> text)
    {
        Span<byte> secret = stackalloc byte[Size];
        key.TryExport(KeyBlobFormat.RawPrivateKey, secret, out _);
        Bech32.Encode(Prefix, secret, text);
        CryptographicOperations.ZeroMemory(secret);
    }

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    /// <summary>X25519 of this identity and a point, 32 bytes each. False, as RFC 7748 (6.1) and age ask, when the point has a low order: everybody knows the result.</summary>
    internal bool TryAgree(ReadOnlySpan<byte> point, Span<byte> shared)
    {
        using var secret = PublicKey.TryImport(KeyAgreementAlgorithm.X25519, point, KeyBlobFormat.RawPublicKey, out var other)
            ? KeyAgreementAlgorithm.X25519.Agree(key, other!, ExportableSecret) : null;
        return secret is not null && secret.TryExport(SharedSecretBlobFormat.RawSharedSecret, shared, out _);
    }
}
