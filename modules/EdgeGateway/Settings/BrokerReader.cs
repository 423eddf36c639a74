using System.Text.Json;

namespace EdgeGateway.Settings;

/// <summary>Reads the section "broker".</summary>
internal static class BrokerReader
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSession = TimeSpan.FromDays(365);

    /// <summary>MQTT sends the keep-alive as 16 bits of seconds.</summary>
    private static readonly TimeSpan LongestKeepAlive = TimeSpan.FromSeconds(ushort.MaxValue);

    public static BrokerSettings Read(SettingsField field, string? gateway, Partition partition)
    {
        var section = SettingsSection.Open(field, "broker");
        var broker = new BrokerSettings(
            section is null ? "" : Host(section),
            Port: 0,
            Protocol(section?["protocol"]),
            section?["clientId"]?.Text(most: 128) is { } clientId ? clientId + partition.Suffix : $"edgegateway-{gateway}",
            SectionReaders.FilePath(section?["caFile"]),
            SectionReaders.FilePath(section?["certFile"]),
            SectionReaders.FilePath(section?["keyFile"]),
            section?["user"]?.Text(),
            SectionReaders.FilePath(section?["passwordFile"]),
            (int)(section?["qos"]?.Integer(0, 1) ?? 1),
            section?["sessionExpiry"]?.Duration(TimeSpan.Zero, LongestSession) ?? TimeSpan.FromHours(1),
            (int)(section?["receiveMaximum"]?.Integer(1, ushort.MaxValue) ?? 1000),
            section?["keepAlive"]?.Duration(Second, LongestKeepAlive) ?? TimeSpan.FromSeconds(30));
        if (section is not null)
        {
            CheckPairs(section);
            Warn(section, broker);
        }

        return broker with { Port = (int)(section?["port"]?.Integer(1, ushort.MaxValue) ?? (broker.Tls ? 8883 : 1883)) };
    }

    private static string Host(SettingsSection section)
    {
        var field = section.Required("host", "the name or address of the MQTT broker");
        var host = field?.Text(most: 255, "the name or address of the MQTT broker");
        if (host is null)
        {
            return "";
        }

        if (host.Contains("://", StringComparison.Ordinal))
        {
            field?.Error("is a URL; write the host name alone, the port under port, and caFile to turn TLS on");
        }
        else if (host.Split(':') is [_, var port] && port.All(char.IsAsciiDigit))
        {
            field?.Error("has a port; write the host name alone and the port under port");
        }
        else if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            // Not shown: it may be user:password@host.
            field?.Error("is no host name and no address; write one of them");
        }

        return host;
    }

    private static MqttProtocol Protocol(SettingsField? field)
    {
        if (field is not { } present || (present.Is(JsonValueKind.Number) && present.Value.GetDouble() is 5))
        {
            return MqttProtocol.V5;
        }

        return present.Choice(("5", MqttProtocol.V5), ("3.1.1", MqttProtocol.V311)) ?? MqttProtocol.V5;
    }

    private static void CheckPairs(SettingsSection section)
    {
        SectionReaders.CheckCertificatePair(section);
        // MQTT 3.1.1 forbids a password without a user; a user without a password is common behind a client certificate.
        SectionReaders.NeedsOther(section, "passwordFile", "user", "the user that the password belongs to");
    }

    private static void Warn(SettingsSection section, BrokerSettings broker)
    {
        if (section["passwordFile"] is { } password && !broker.Tls)
        {
            password.Report.Warning(password.Place, "goes over the network unencrypted; name the broker's CA in caFile to turn TLS on");
        }

        if (broker.Protocol == MqttProtocol.V311 && section["sessionExpiry"] is { } expiry)
        {
            expiry.Report.Warning(expiry.Place, "has no effect with MQTT 3.1.1, where the broker decides; leave it out");
        }
    }
}
