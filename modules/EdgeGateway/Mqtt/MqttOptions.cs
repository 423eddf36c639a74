using System.Net;
using System.Security.Cryptography.X509Certificates;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeGateway.Mqtt;

/// <summary>Makes MQTTnet's options from the settings. Secret and certificate files are read here, that is, at every connect.</summary>
internal static class MqttOptions
{
    /// <summary>The longest wait for CONNACK, SUBACK and the like.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// What the system may keep of a connection for us, in bytes. MQTTnet's own 8 KiB are less than one segment of the loopback interface: a sender with a backlog then waits 200 ms for each few kilobytes
    /// (silly window avoidance, RFC 9293 section 3.8.6.2), 340 readings a second with an idle gateway.
    /// </summary>
    private const int SocketBuffer = 256 << 10;

    /// <summary>Where a connection goes.</summary>
    public static MqttClientOptionsBuilder WithServer(this MqttClientOptionsBuilder builder, string host, int port) => builder.WithEndPoint(new DnsEndPoint(host, port)).WithTcpServer(tcp => tcp.BufferSize = SocketBuffer);

    /// <summary>Options common to the reading and the writing connection; the session is kept by the broker while we are away.</summary>
    /// <exception cref="IOException">A file cannot be read; the message names it.</exception>
    public static MqttClientOptionsBuilder For(BrokerSettings broker, string clientId)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithServer(broker.Host, broker.Port)
            .WithClientId(clientId)
            .WithKeepAlivePeriod(broker.KeepAlive)
            .WithTimeout(Timeout)
            .WithoutPacketFragmentation();
        builder = broker.Protocol == MqttProtocol.V311
            ? builder.WithProtocolVersion(MqttProtocolVersion.V311).WithCleanSession(false)
            : builder.WithProtocolVersion(MqttProtocolVersion.V500).WithCleanStart(false)
                .WithSessionExpiryInterval((uint)Math.Min(uint.MaxValue, broker.SessionExpiry.TotalSeconds))
                .WithReceiveMaximum((ushort)broker.ReceiveMaximum);
        if (broker.User is { } user)
        {
            builder.WithCredentials(user, broker.PasswordFile is { } file ? Password(file) : "");
        }

        return broker.Tls ? builder.WithTlsOptions(tls => AddTls(tls, broker)) : builder;
    }

    private static string Password(string file)
    {
        using var text = new StringReader(BoundedFile.ReadText(file));
        return text.ReadLine() ?? throw new IOException($"The password file {file} is empty.");
    }

    private static void AddTls(MqttClientTlsOptionsBuilder tls, BrokerSettings broker)
    {
        tls.UseTls().WithTargetHost(broker.Host).WithRevocationMode(X509RevocationMode.NoCheck);
        if (broker.CaFile is { } caFile)
        {
            var trusted = CertificateTrust.ReadFile(caFile);
            tls.WithCertificateValidationHandler(seen => CertificateTrust.Problem(seen.Certificate, seen.Chain, seen.SslPolicyErrors, trusted) is null);
        }

        if (broker.CertFile is { } certFile)
        {
            tls.WithClientCertificates([X509Certificate2.CreateFromPem(BoundedFile.ReadText(certFile), BoundedFile.ReadText(broker.KeyFile ?? certFile))]);
        }
    }
}
