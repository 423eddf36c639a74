using System.Net;
using EdgeGateway.Mqtt;
using EdgeGateway.Settings;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeGateway.Tests.Mqtt;

public class MqttOptionsTests
{
    private static readonly BrokerSettings Broker = Any.Settings(Any.Source()).Broker!;

    [Fact]
    public void Over_MQTT_5_the_session_is_kept_for_its_expiry_and_the_receive_maximum_is_sent()
    {
        var options = MqttOptions.For(Broker with { SessionExpiry = TimeSpan.FromMinutes(10), ReceiveMaximum = 77, KeepAlive = TimeSpan.FromSeconds(9) }, "me").Build();
        Assert.Equal((MqttProtocolVersion.V500, false, 600u, (ushort)77), (options.ProtocolVersion, options.CleanSession, options.SessionExpiryInterval, options.ReceiveMaximum));
        Assert.Equal(("me", TimeSpan.FromSeconds(9)), (options.ClientId, options.KeepAlivePeriod));
    }

    [Fact]
    public void Over_MQTT_3_1_1_the_session_is_kept_as_long_as_the_broker_likes()
    {
        var options = MqttOptions.For(Broker with { Protocol = MqttProtocol.V311 }, "me").Build();
        Assert.Equal((MqttProtocolVersion.V311, false), (options.ProtocolVersion, options.CleanSession));
    }

    [Fact]
    public void A_socket_keeps_more_than_a_segment_of_the_loopback_interface_for_us()
    {
        var tcp = Assert.IsType<MqttClientTcpOptions>(MqttOptions.For(Broker, "me").Build().ChannelOptions);
        Assert.True(tcp.BufferSize > ushort.MaxValue);
        Assert.Equal(new DnsEndPoint(Broker.Host, Broker.Port), tcp.RemoteEndpoint);
    }

    [Fact]
    public void A_secret_file_that_is_not_there_is_named()
    {
        var missing = Assert.ThrowsAny<IOException>(() => MqttOptions.For(Broker with { User = "gw", PasswordFile = "/nowhere/password" }, "me"));
        Assert.Contains("/nowhere/password", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/zero", "The file /dev/zero has more than 1048576 characters, so it is no certificate, key or password.")]
    [InlineData("/dev", "/dev is a folder, not a file.")]
    [InlineData("/dev/null", "The password file /dev/null is empty.")]
    public void A_password_file_that_is_something_else_is_refused_in_one_sentence(string path, string sentence)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the paths are those of Linux");
        Assert.Equal(sentence, Assert.ThrowsAny<IOException>(() => MqttOptions.For(Broker with { User = "gw", PasswordFile = path }, "me")).Message);
    }

    [Fact]
    public void A_CA_file_without_end_is_refused_in_one_sentence()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the path is one of Linux");
        var refused = Assert.ThrowsAny<IOException>(() => MqttOptions.For(Broker with { CaFile = "/dev/zero" }, "me").Build());
        Assert.Contains("/dev/zero has more than", refused.Message, StringComparison.Ordinal);
    }
}
