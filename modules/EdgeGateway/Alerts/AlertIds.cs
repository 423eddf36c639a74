using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Alerts;

/// <summary>Ids of alerts: the same feed gives the same ids, so that a repeated transition can be told from a new one.</summary>
internal static class AlertIds
{
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";
    private const int Length = 20;

    /// <summary>
    /// First 20 characters of the lower-case base32 (RFC 4648) of SHA-256 over the UTF-8 of gateway, subject, family and the event time of the raising window's end
    /// (yyyy-MM-ddTHH:mm:ss.fffffffZ), joined by line feeds.
    /// </summary>
    public static string Of(string gateway, string subject, string family, DateTimeOffset raisedAt)
    {
        var text = string.Join('\n', gateway, subject, family, raisedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return string.Create(Length, hash, static (id, bytes) =>
        {
            for (var i = 0; i < id.Length; i++)
            {
                var (at, shift) = (i * 5 / 8, i * 5 % 8);
                id[i] = Base32[((bytes[at] << 8 | bytes[at + 1]) >> (11 - shift)) & 31];
            }
        });
    }
}
