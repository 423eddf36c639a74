using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Packages.Keys;

/// <summary>Public half of a key for sealing: an age recipient, a point of X25519 (RFC 7748).</summary>
public sealed record X25519Recipient
{
    private const string Prefix = "age";
    private const int Size = 32;
    private readonly byte[] point;

    private X25519Recipient(byte[] point)
    {
        this.point = point;
        Span<byte> text = stackalloc byte[Bech32.Length(Prefix, Size)];
        Bech32.Encode(Prefix, point, text);
        Text = Encoding.ASCII.GetString(text);
        var digest = Convert.ToHexStringLower(SHA256.HashData(point));
        Fingerprint = string.Join('-', Enumerable.Range(0, 8).Select(i => digest.Substring(4 * i, 4)));
    }

    /// <summary><c>age1</c> and 58 more characters.</summary>
    public string Text { get; }

    /// <summary>What people compare: the first 128 bits of the SHA-256 of the 32 bytes, as eight groups of four hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <summary>The 32 bytes.</summary>
    internal ReadOnlySpan<byte> Point => point;

    /// <summary>Reads <see cref="Text"/>; null when it is none, or a point of low order: what is sealed to one, everybody could open.</summary>
    public static X25519Recipient? Parse(string text)
    {
        var point = new byte[Size];
        if (!Ascii.IsValid(text) || !Bech32.TryDecode(Prefix, Encoding.ASCII.GetBytes(text), point))
        {
            return null;
        }

        using var anybody = X25519Identity.New();
        return anybody.TryAgree(point, stackalloc byte[Size]) ? new X25519Recipient(point) : null;
    }

    /// <inheritdoc/>
    public bool Equals(X25519Recipient? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    internal static X25519Recipient Of(byte[] point) => new(point);
}
