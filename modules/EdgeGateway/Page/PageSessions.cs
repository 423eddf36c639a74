using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Page;

/// <summary>
/// Who is logged in with one of the tokens. A session is its end (seconds since 1970), 128 random bits and a proof of both under a key that is derived from the token: nothing is kept of it, it outlives a new start
/// of the gateway, ends with the token, and does not tell the token. Those that were logged out are remembered while the process lives. Thread-safe.
/// </summary>
internal sealed class PageSessions(string token, TimeProvider clock)
{
    /// <summary>How long a session lasts.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(30);

    /// <summary>So many that were logged out are remembered one by one; beyond, all that would end no later than the oldest of them have ended too.</summary>
    public const int MostEnded = 1024;

    private const int RandomBytes = 16;
    private readonly byte[] key = HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "EdgeGateway page session"u8);
    private readonly Lock gate = new();
    private readonly Dictionary<string, long> ended = new(StringComparer.Ordinal);
    private long endedUntil;

    /// <summary>A session that begins now, as it stands in the cookie.</summary>
    public string Begin()
    {
        var session = string.Create(CultureInfo.InvariantCulture, $"{(clock.GetUtcNow() + Life).ToUnixTimeSeconds()}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes))}");
        return $"{session}.{Proof(session)}";
    }

    /// <summary>Whether this is a session of the token that has not ended.</summary>
    public bool Knows(string cookie)
    {
        if (EndOf(cookie) is not { } end || end <= clock.GetUtcNow().ToUnixTimeSeconds())
        {
            return false;
        }

        lock (gate)
        {
            return end > endedUntil && !ended.ContainsKey(cookie);
        }
    }

    /// <summary>Logs out.</summary>
    public void End(string cookie)
    {
        if (EndOf(cookie) is not { } end)
        {
            return;
        }

        lock (gate)
        {
            ended[cookie] = end;
            if (ended.Count > MostEnded)
            {
                var oldest = ended.MinBy(one => one.Value);
                endedUntil = Math.Max(endedUntil, oldest.Value);
                ended.Remove(oldest.Key);
            }
        }
    }

    /// <summary>When a session ends that was begun with this token, in seconds since 1970; null for anything else.</summary>
    private long? EndOf(string cookie) =>
        cookie.LastIndexOf('.') is var last && last > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Proof(cookie[..last])), Encoding.UTF8.GetBytes(cookie[(last + 1)..]))
            ? long.Parse(cookie.AsSpan(0, cookie.IndexOf('.', StringComparison.Ordinal)), CultureInfo.InvariantCulture)
            : null;

    private string Proof(string session) => Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(session)));
}
