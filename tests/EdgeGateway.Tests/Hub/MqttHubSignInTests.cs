using EdgeGateway.Hub;
using EdgeGateway.Mqtt;
using EdgeGateway.Settings;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeGateway.Tests.Hub;

public class MqttHubSignInTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["EdgeHubConnectionString"] = "HostName=north.azure-devices.net;DeviceId=edge-1;ModuleId=gw;SharedAccessKey=c2VjcmV0;GatewayHostName=gateway-7" };
    private static readonly HubSettings Settings = new(HubTransport.Tcp, 8883, null, null, null);
    private readonly FakeTimeProvider clock = new(Any.Noon);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_MQTT_3_1_1_a_kept_session_and_a_keep_alive_explicitly()
    {
        var options = await OptionsAsync(Settings);
        Assert.Equal((MqttProtocolVersion.V311, false, TimeSpan.FromSeconds(60)), (options.ProtocolVersion, options.CleanSession, options.KeepAlivePeriod));
        Assert.Equal("edge-1/gw", options.ClientId);
        Assert.StartsWith("north.azure-devices.net/edge-1/gw/?api-version=2021-04-12&DeviceClientType=EdgeGateway", options.Credentials.GetUserName(options), StringComparison.Ordinal);
        Assert.Contains($"&se={Any.Noon.AddHours(1).ToUnixTimeSeconds()}", System.Text.Encoding.UTF8.GetString(options.Credentials.GetPassword(options)), StringComparison.Ordinal);
        Assert.Equal("gateway-7", options.ChannelOptions.TlsOptions.TargetHost);
        Assert.True(options.ChannelOptions.TlsOptions.UseTls);
    }

    [Fact]
    public async Task Over_WebSocket_it_asks_for_the_hubs_path()
    {
        var options = await OptionsAsync(Settings with { Transport = HubTransport.WebSocket, Port = 443 });
        var channel = Assert.IsType<MqttClientWebSocketOptions>(options.ChannelOptions);
        Assert.Equal(("wss://gateway-7:443/$iothub/websocket", "mqtt"), (channel.Uri, Assert.Single(channel.SubProtocols)));
    }

    [Theory]
    [InlineData(MqttClientConnectResultCode.UnsupportedProtocolVersion, true, "MQTT 3.1.1")]
    [InlineData(MqttClientConnectResultCode.ClientIdentifierNotValid, true, "edge-1/gw")]
    [InlineData(MqttClientConnectResultCode.ServerUnavailable, true, "cannot read our user name")]
    [InlineData(MqttClientConnectResultCode.BadUserNameOrPassword, true, "does not know the identity")]
    [InlineData(MqttClientConnectResultCode.NotAuthorized, true, "two minutes")]
    [InlineData(MqttClientConnectResultCode.NotAuthorized, false, "our clock shows 2026-11-24 12:00 UTC, which cannot be: set the clock")]
    public void Each_refusal_has_its_sentence(MqttClientConnectResultCode code, bool clockIsSet, string part) =>
        Assert.Contains(part, SignIn(Settings, clockIsSet).Explain(new MqttRefusedException("hub", code)), StringComparison.Ordinal);

    [Fact]
    public void A_certificate_needs_its_files()
    {
        var variables = new Dictionary<string, string> { ["EdgeHubConnectionString"] = "HostName=n.net;DeviceId=d;x509=true" };
        Assert.Contains("hub.certFile", Assert.Throws<FormatException>(() => new HubAccess(HubEnvironment.Read(variables)!, Settings, clock)).Message, StringComparison.Ordinal);
    }

    private Task<MqttClientOptions> OptionsAsync(HubSettings settings) => SignIn(settings, clockIsSet: true).OptionsAsync(TimeSpan.FromSeconds(60), Token);

    private MqttHubSignIn SignIn(HubSettings settings, bool clockIsSet) => new(new HubAccess(HubEnvironment.Read(Variables)!, settings, clock), clock, () => clockIsSet);
}
