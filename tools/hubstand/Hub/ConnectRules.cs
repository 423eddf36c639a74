using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hubstand.Identities;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Hubstand.Hub;

/// <summary>What a CONNECT comes to.</summary>
/// <param name="Code">Return code of CONNACK.</param>
/// <param name="Reason">Why it was refused, one sentence.</param>
/// <param name="Identity">Who connects; null when refused.</param>
/// <param name="Token">What the connection lives on; null with a certificate.</param>
internal sealed record ConnectVerdict(MqttConnectReturnCode Code, string Reason, Identity? Identity, SasToken? Token);

/// <summary>Whom edgeHub lets in.</summary>
internal static class ConnectRules
{
    /// <summary>Judges a CONNECT; a malformed user name is "server unavailable" (3) as on edgeHub, everything else that is wrong "not authorized" (5).</summary>
    public static ConnectVerdict Judge(MqttConnectPacket connect, X509Certificate2? certificate, HubContext hub)
    {
        if (!UserName.TryParse(connect.Username, out var user, out var problem))
        {
            return new(MqttConnectReturnCode.ConnectionRefusedServerUnavailable, problem, null, null);
        }

        var name = user.Identity;
        if (connect.ClientId != name.ToString())
        {
            return Refused($"The client id is {connect.ClientId}, the user name says {name}.");
        }

        if (!hub.Identities.TryFind(name, out var identity) || !identity.Enabled)
        {
            return Refused($"{name} is {(identity is null ? "not registered" : "disabled")}.");
        }

        if (connect.Password is not { Length: > 0 } password)
        {
            return certificate is null ? Refused($"{name} sent neither a token nor a client certificate.") : ByCertificate(identity, certificate, hub.Authority);
        }

        if (!SasToken.TryParse(Encoding.UTF8.GetString(password), out var token))
        {
            return Refused($"The password of {name} is no SharedAccessSignature with sr, sig and se.");
        }

        return ByToken(identity, token, hub);
    }

    private static ConnectVerdict ByToken(Identity identity, SasToken token, HubContext hub)
    {
        var name = identity.Name;
        if (token.PolicyName is not null)
        {
            return Refused($"The token of {name} is of the policy {token.PolicyName}: devices and modules sign with their own key.");
        }

        if (!token.IsFor(name, [hub.Options.HubHost, hub.Options.GatewayHost]))
        {
            return Refused($"The token's audience {token.Audience} is not {hub.Options.HubHost}/{name.Resource} in URL encoding.");
        }

        if (!token.IsSignedBy(identity))
        {
            return Refused($"The token of {name} is not signed with its key.");
        }

        return token.HasExpired(hub.Clock.GetUtcNow(), hub.Options.ClockSkew)
            ? Refused($"The token of {name} ended at {DateTimeOffset.FromUnixTimeSeconds(token.Expiry):u}, it is {hub.Clock.GetUtcNow():u}.")
            : new(MqttConnectReturnCode.ConnectionAccepted, "", identity, token);
    }

    private static ConnectVerdict ByCertificate(Identity identity, X509Certificate2 certificate, Authority authority)
    {
        var known = certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(identity.Thumbprint, StringComparison.OrdinalIgnoreCase)
            || (authority.Signed(certificate) && certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) == identity.Name.ToString());
        return known
            ? new(MqttConnectReturnCode.ConnectionAccepted, "", identity, null)
            : Refused($"The client certificate of {identity.Name} has neither its registered thumbprint nor its name and our CA's signature.");
    }

    private static ConnectVerdict Refused(string reason) => new(MqttConnectReturnCode.ConnectionRefusedNotAuthorized, reason, null, null);
}
