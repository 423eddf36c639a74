using System.Security.Cryptography.X509Certificates;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeGateway.Mqtt;

/// <summary>Makes MQTTnet's options for a connection to the hub, with a new token each time, and says why one was not made.</summary>
/// <param name="clockIsSet">Whether our clock shows a possible time.</param>
internal sealed class MqttHubSignIn(HubAccess access, TimeProvider clock, Func<bool> clockIsSet)
{
    /// <summary>Passes through the address translation of mobile networks, and notices a dead connection soon.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(60);
    private static readonly string Agent = $"EdgeGateway/{typeof(MqttHubSignIn).Assembly.GetName().Version!.ToString(3)}";
    private readonly HubTopics topics = new(access.Identity);
    private string? trustProblem;

    /// <summary>What the next connection signs in with, if it was made before; used once.</summary>
    public HubTicket? Next { get; set; }

    /// <summary>What the newest attempt signed in with.</summary>
    public HubTicket? Used { get; private set; }

    /// <summary>Options for one attempt. MQTT 3.1.1 and a kept session are said explicitly: MQTTnet's own defaults are others.</summary>
    public async Task<MqttClientOptions> OptionsAsync(TimeSpan patience, CancellationToken token)
    {
        (trustProblem, Used, Next) = (null, Next ?? await access.TicketAsync(token), null);
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V311).WithCleanSession(false)
            .WithClientId(topics.ClientId).WithCredentials(topics.UserName(Agent), Used.Token?.Text)
            .WithKeepAlivePeriod(KeepAlive).WithTimeout(patience).WithoutPacketFragmentation();
        builder = access.Transport == HubTransport.WebSocket
            ? builder.WithWebSocketServer(o => o.WithUri($"wss://{access.Host}:{access.Port}/$iothub/websocket"))
            : builder.WithServer(access.Host, access.Port);
        return builder.WithTlsOptions(tls => AddTls(tls, Used)).Build();
    }

    /// <summary>Why an attempt failed, where it is known.</summary>
    public string? Explain(Exception failure)
    {
        if (trustProblem is { } problem)
        {
            access.TrustFailed();
            return $"{access.Host} {problem}";
        }

        return failure is MqttRefusedException refused ? Explain(refused.Code) : null;
    }

    private string Explain(MqttClientConnectResultCode code)
    {
        var time = clock.GetUtcNow();
        return code switch
        {
            MqttClientConnectResultCode.UnsupportedProtocolVersion => "the hub does not speak MQTT 3.1.1",
            MqttClientConnectResultCode.ClientIdentifierNotValid => $"the hub refused our client id, {topics.ClientId}",
            MqttClientConnectResultCode.ServerUnavailable => "the hub says that it is not available (edgeHub also when it cannot read our user name)",
            MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized when !clockIsSet() =>
                $"the hub refused our token, and our clock shows {time:yyyy-MM-dd HH:mm} UTC, which cannot be: set the clock",
            MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized =>
                $"the hub refused us as {topics.ClientId}: it does not know the identity (a new one is known after some two minutes), has disabled it, or does not take its key; our clock shows {time:yyyy-MM-dd HH:mm} UTC",
            _ => $"the hub refused the connection: {code}",
        };
    }

    private void AddTls(MqttClientTlsOptionsBuilder tls, HubTicket ticket)
    {
        tls.UseTls().WithTargetHost(access.Host).WithRevocationMode(X509RevocationMode.NoCheck).WithCertificateValidationHandler(seen =>
        {
            trustProblem = CertificateTrust.Problem(seen.Certificate, seen.Chain, seen.SslPolicyErrors, ticket.Trusted);
            return trustProblem is null;
        });
        if (ticket.ClientCertificate is { } certificate)
        {
            tls.WithClientCertificates([certificate]);
        }
    }
}
