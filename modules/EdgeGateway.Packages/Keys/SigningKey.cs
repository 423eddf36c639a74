using NSec.Cryptography;
using Key = NSec.Cryptography.Key;

namespace EdgeGateway.Packages.Keys;

/// <summary>Somebody's key for signing envelopes: Ed25519 (RFC 8032).</summary>
public sealed class SigningKey : IDisposable
{
    private static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
    private readonly Key key;

    private SigningKey(Key key) => (this.key, Public) = (key, VerificationKey.Of(key.PublicKey));

    /// <summary>What signatures are checked with.</summary>
    public VerificationKey Public { get; }

    /// <summary>A new one.</summary>
    public static SigningKey New() => new(Key.Create(SignatureAlgorithm.Ed25519, Exportable));

    /// <summary>Reads what <see cref="ToPem"/> wrote, or OpenSSL: PKCS #8 as PEM (RFC 8410).</summary>
    /// <exception cref="FormatException">It is no such key.</exception>
    public static SigningKey FromPem(ReadOnlySpan<byte> pem) =>
        Key.TryImport(SignatureAlgorithm.Ed25519, pem, KeyBlobFormat.PkixPrivateKeyText, out var key, Exportable) ? new SigningKey(key!)
        : throw new FormatException("This is no Ed25519 key in PKCS #8 form (PEM).");

    /// <summary>The secret as PKCS #8 PEM; the caller clears it.</summary>
    public byte[] ToPem() => key.Export(KeyBlobFormat.PkixPrivateKeyText);

    /// <summary>64 bytes; the same message gives the same ones.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(key, message);

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();
}
