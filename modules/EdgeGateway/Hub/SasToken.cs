using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Hub;

/// <summary>A shared access signature for one device or module: the password of its MQTT connection.</summary>
/// <param name="Text"><c>SharedAccessSignature sr=...&amp;sig=...&amp;se=...</c>; a secret.</param>
/// <param name="Expiry">By our clock; a server cuts the connection some minutes later.</param>
internal sealed record SasToken(string Text, DateTimeOffset Expiry)
{
    /// <summary>Signs bytes with the key of the identity (HMAC-SHA256) and gives base64.</summary>
    public delegate Task<string> Signer(ReadOnlyMemory<byte> data, CancellationToken token);

    /// <summary>Makes a token that expires after a time.</summary>
    public static async Task<SasToken> CreateAsync(HubIdentity identity, DateTimeOffset expiry, Signer sign, CancellationToken token)
    {
        var (audience, seconds) = (Audience(identity), expiry.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var signature = await sign(Encoding.UTF8.GetBytes($"{audience}\n{seconds}"), token);
        return new SasToken($"SharedAccessSignature sr={audience}&sig={Uri.EscapeDataString(signature)}&se={seconds}", expiry);
    }

    /// <summary>Signs with a key that we have ourselves.</summary>
    public static Signer With(ReadOnlyMemory<byte> key) => (data, _) => Task.FromResult(Convert.ToBase64String(HMACSHA256.HashData(key.Span, data.Span)));

    /// <summary>A token never shows itself.</summary>
    public override string ToString() => $"token until {Expiry:O}";

    /// <summary>
    /// What the token is good for, encoded as it is sent and signed. Ids are encoded once, with the whole: for all that <see cref="HubEnvironment.Id"/> lets through, a second
    /// decoding by the server changes nothing.
    /// </summary>
    private static string Audience(HubIdentity identity) =>
        Uri.EscapeDataString($"{identity.Hub}/devices/{identity.Device}{(identity.Module is { } module ? $"/modules/{module}" : "")}");
}
