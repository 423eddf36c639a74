using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Hubstand.Identities;

/// <summary>A shared access signature as it is sent in the password of CONNECT.</summary>
/// <param name="Audience">The resource exactly as it stands in the token, still URL-encoded: what was signed.</param>
/// <param name="Signature">HMAC-SHA256.</param>
/// <param name="Expiry">End of its life in Unix seconds.</param>
/// <param name="PolicyName">Name of a shared access policy; null for tokens signed with an identity's own key.</param>
internal sealed record SasToken(string Audience, byte[] Signature, long Expiry, string? PolicyName)
{
    private const string Prefix = "SharedAccessSignature ";

    /// <summary>Reads a token; its fields may come in any order.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SasToken? token)
    {
        token = null;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in text[Prefix.Length..].Split('&'))
        {
            var at = field.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !fields.TryAdd(field[..at], field[(at + 1)..]))
            {
                return false;
            }
        }

        if (!fields.TryGetValue("sr", out var audience) || !fields.TryGetValue("sig", out var signature) || !fields.TryGetValue("se", out var expiry)
            || !long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return false;
        }

        var bytes = new byte[128];
        if (!Convert.TryFromBase64String(Uri.UnescapeDataString(signature), bytes, out var length))
        {
            return false;
        }

        token = new SasToken(audience, bytes[..length], seconds, fields.GetValueOrDefault("skn"));
        return true;
    }

    /// <summary>Signs a token for an identity.</summary>
    /// <param name="audience">URL-encoded resource.</param>
    /// <param name="key">Base64.</param>
    public static string Sign(string audience, string key, long expiry)
    {
        var signature = HMACSHA256.HashData(Convert.FromBase64String(key), Signed(audience, expiry));
        return $"{Prefix}sr={audience}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={expiry}";
    }

    /// <summary>Whether this token names the identity at one of the hosts: ids encoded once or twice, host names in any case.</summary>
    public bool IsFor(IdentityName name, IEnumerable<string> hosts)
    {
        var once = Uri.UnescapeDataString(Audience);
        return Names(once) || Names(Uri.UnescapeDataString(once));

        bool Names(string text)
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            return slash > 0 && text[(slash + 1)..] == name.Resource && hosts.Contains(text[..slash], StringComparer.OrdinalIgnoreCase);
        }
    }

    /// <summary>Whether one of the identity's keys signed it.</summary>
    public bool IsSignedBy(Identity identity) => IsSignedWith(identity.PrimaryKey) || IsSignedWith(identity.SecondaryKey);

    /// <summary>Whether it has ended, with the skew that both servers grant.</summary>
    public bool HasExpired(DateTimeOffset now, TimeSpan skew) => now - skew > DateTimeOffset.FromUnixTimeSeconds(Math.Min(Expiry, 253402300799));

    private static byte[] Signed(string audience, long expiry) => Encoding.UTF8.GetBytes($"{audience}\n{expiry}");

    private bool IsSignedWith(string key) => CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Convert.FromBase64String(key), Signed(Audience, Expiry)), Signature);
}
