using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hubstand;
using Hubstand.Hub;
using Hubstand.Identities;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeGateway.Tests.StandIn;

/// <summary>Whom the stand-in lets in, and when it cuts connections.</summary>
public class ConnectTests
{
    private static readonly IdentityName Module = new("edge-1", "edgeGateway");

    [Fact]
    public async Task A_module_with_its_own_token_is_let_in()
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        Assert.Equal(["edge-1/edgeGateway"], stand.Connected);
    }

    [Theory]
    [InlineData("hub/edge-1/edgeGateway", 3)]
    [InlineData("nonsense", 3)]
    [InlineData("hub/edge-1/?api-version=2021-04-12", 5)]
    [InlineData("hub/edge-1/EdgeGateway/?api-version=2021-04-12", 5)]
    [InlineData("hub/edge-1/unknown/?api-version=2021-04-12", 5)]
    public async Task A_malformed_user_name_is_refused_with_3_and_a_wrong_one_with_5(string userName, int code)
    {
        await using var stand = await HubStand.StartAsync();
        var (probe, result) = await HubClientProbe.TryConnectAsync(stand, Module, o => o.WithCredentials(userName, stand.Token(Module, stand.Options.Clock.GetUtcNow().AddHours(1))));
        Assert.Equal(code, (int)Code(result));
        probe.Dispose();
    }

    [Fact]
    public async Task Tokens_of_the_device_of_others_and_garbage_are_refused_with_5()
    {
        await using var stand = await HubStand.StartAsync();
        var expiry = stand.Options.Clock.GetUtcNow().AddHours(1);
        var audience = Uri.EscapeDataString($"{stand.Options.HubHost}/{Module.Resource}");
        string[] passwords =
        [
            stand.Token(stand.NameOf(null), expiry),
            SasToken.Sign(audience, stand.Register(stand.NameOf(null)).PrimaryKey, expiry.ToUnixTimeSeconds()),
            stand.Token(Module, expiry) + "&skn=owner",
            "SharedAccessSignature",
            "secret",
        ];
        foreach (var password in passwords)
        {
            var (probe, result) = await HubClientProbe.TryConnectAsync(stand, Module, o => o.WithCredentials(UserName, password));
            Assert.Equal(MqttConnectReturnCode.ConnectionRefusedNotAuthorized, Code(result));
            probe.Dispose();
        }

        Assert.Equal(passwords.Length, stand.Counters[HubEvent.RefusedNotAuthorized]);
    }

    [Fact]
    public async Task A_client_id_that_is_not_the_identity_and_a_disabled_module_are_refused_with_5()
    {
        await using var stand = await HubStand.StartAsync();
        var (first, wrongId) = await HubClientProbe.TryConnectAsync(stand, Module, o => o.WithClientId("edge-1"));
        Assert.Equal(MqttConnectReturnCode.ConnectionRefusedNotAuthorized, Code(wrongId));
        stand.Change(Module, i => i with { Enabled = false });
        var (second, disabled) = await HubClientProbe.TryConnectAsync(stand, Module);
        Assert.Equal(MqttConnectReturnCode.ConnectionRefusedNotAuthorized, Code(disabled));
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task Another_version_of_MQTT_gets_return_code_1_in_the_form_of_3_1_1()
    {
        await using var stand = await HubStand.StartAsync();
        using var raw = await RawConnection.OpenAsync(stand);
        await raw.SendAsync([0x10, 13, 0, 4, .. "MQTT"u8, 5, 2, 0, 60, 0, 0, 0]);
        Assert.Equal([0x20, 2, 0, 1], await raw.ReadToEndAsync());
        Assert.Equal(1, stand.Counters[HubEvent.RefusedProtocolVersion]);
    }

    [Fact]
    public async Task A_second_connection_of_the_same_identity_ends_the_first()
    {
        await using var stand = await HubStand.StartAsync();
        using var first = await HubClientProbe.ConnectAsync(stand);
        using var second = await HubClientProbe.ConnectAsync(stand);
        await first.Closed;
        Assert.Equal(1, stand.Counters[HubEvent.ClosedTakenOver]);
        await second.GetTwinAsync("a");
    }

    [Fact]
    public async Task An_ended_token_is_cut_at_the_five_minute_check_once_the_skew_has_passed()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var stand = await HubStand.StartAsync(new() { Clock = clock });
        using var probe = await HubClientProbe.ConnectAsync(stand, life: TimeSpan.FromMinutes(6));
        clock.Advance(TimeSpan.FromMinutes(10));
        await probe.GetTwinAsync("still");
        clock.Advance(TimeSpan.FromMinutes(5));
        await probe.Closed;
        Assert.Equal(1, stand.Counters[HubEvent.ClosedTokenExpired]);
        var (late, result) = await HubClientProbe.TryConnectAsync(stand, Module, life: TimeSpan.FromMinutes(-6));
        Assert.Equal(MqttConnectReturnCode.ConnectionRefusedNotAuthorized, Code(result));
        late.Dispose();
    }

    [Theory]
    [InlineData(60, 90)]
    [InlineData(600, 900)]
    [InlineData(1200, 900)]
    [InlineData(0, 900)]
    public async Task Silence_of_one_and_a_half_keep_alive_times_ends_a_connection_which_are_at_most_ten_minutes_and_none_means_so_too(int keepAlive, int silence)
    {
        var clock = new FakeTimeProvider();
        await using var stand = await HubStand.StartAsync(new() { KeepAliveClock = clock });
        using var probe = await HubClientProbe.ConnectAsync(stand, change: o => o.WithKeepAlivePeriod(TimeSpan.FromSeconds(keepAlive)));
        clock.Advance(TimeSpan.FromSeconds(silence - 1));
        await probe.GetTwinAsync("alive");
        clock.Advance(TimeSpan.FromSeconds(silence - 1));
        await probe.GetTwinAsync("still alive");
        clock.Advance(TimeSpan.FromSeconds(silence));
        await probe.Closed;
        Assert.Equal(1, stand.Counters[HubEvent.ClosedKeepAlive]);
    }

    [Fact]
    public async Task A_session_that_is_not_clean_keeps_its_subscriptions()
    {
        await using var stand = await HubStand.StartAsync();
        using (var first = await HubClientProbe.ConnectAsync(stand, change: o => o.WithCleanSession(false)))
        {
            await first.Client.DisconnectAsync(new MqttClientDisconnectOptions(), TestContext.Current.CancellationToken);
        }

        await Soon.HoldsAsync(() => stand.Connected.Count == 0, "the first has left");
        var (second, result) = await HubClientProbe.TryConnectAsync(stand, Module, o => o.WithCleanSession(false));
        Assert.True(result.IsSessionPresent);
        await second.GetTwinAsync("kept");
        second.Dispose();
        await Soon.HoldsAsync(() => stand.Connected.Count == 0, "the second has left");
        var (third, clean) = await HubClientProbe.TryConnectAsync(stand, Module);
        Assert.False(clean.IsSessionPresent);
        third.Dispose();
    }

    [Fact]
    public async Task The_sixth_subscription_is_refused_and_an_unknown_filter_leads_to_nothing()
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        var fifth = await probe.Client.SubscribeAsync("$iothub/twin/+/#", MqttQualityOfServiceLevel.ExactlyOnce, TestContext.Current.CancellationToken);
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, fifth.Items.Single().ResultCode);
        var sixth = await probe.Client.SubscribeAsync("a/#", MqttQualityOfServiceLevel.AtMostOnce, TestContext.Current.CancellationToken);
        Assert.Equal(MqttClientSubscribeResultCode.UnspecifiedError, sixth.Items.Single().ResultCode);
        Assert.Equal((1, 1), (stand.Counters[HubEvent.SubscriptionWithoutEffect], stand.Counters[HubEvent.SubscriptionRefused]));
    }

    [Fact]
    public async Task Several_filters_in_one_packet_get_their_codes_in_their_order()
    {
        await using var stand = await HubStand.StartAsync();
        var (probe, _) = await HubClientProbe.TryConnectAsync(stand, Module);
        stand.Switches.RefuseFilter = "$iothub/methods/POST/#";
        var granted = await probe.Client.SubscribeAsync(
            new MqttClientSubscribeOptionsBuilder()
                .WithTopicFilter("$iothub/twin/res/#", MqttQualityOfServiceLevel.AtLeastOnce)
                .WithTopicFilter("$iothub/methods/POST/#", MqttQualityOfServiceLevel.ExactlyOnce)
                .WithTopicFilter("$iothub/twin/PATCH/properties/desired/#", MqttQualityOfServiceLevel.AtMostOnce)
                .WithTopicFilter(Module.Resource + "/#", MqttQualityOfServiceLevel.ExactlyOnce)
                .Build(),
            TestContext.Current.CancellationToken);
        Assert.Equal(
            [MqttClientSubscribeResultCode.GrantedQoS1, MqttClientSubscribeResultCode.UnspecifiedError, MqttClientSubscribeResultCode.GrantedQoS0, MqttClientSubscribeResultCode.GrantedQoS1],
            granted.Items.Select(i => i.ResultCode));
        Assert.Equal((1, 1), (stand.Counters[HubEvent.SubscribedSeveral], stand.Counters[HubEvent.SubscriptionRefused]));
        probe.Dispose();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/$iothub/websocket/")]
    [InlineData("/mqtt")]
    public async Task WebSocket_has_one_path_and_another_is_404(string path)
    {
        await using var stand = await HubStand.StartAsync();
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => socket.ConnectAsync(new Uri($"wss://localhost:{stand.WebSocketPort}{path}"), TestContext.Current.CancellationToken));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, socket.HttpStatusCode);
    }

    [Fact]
    public async Task A_client_certificate_stands_for_an_identity_by_name_and_CA_or_by_its_thumbprint()
    {
        await using var stand = await HubStand.StartAsync();
        var (pem, key) = stand.IssueCertificate(Module);
        using var byName = Loaded(pem, key);
        var (first, named) = await HubClientProbe.TryConnectAsync(stand, Module, certificate: byName);
        Assert.Equal(MqttClientConnectResultCode.Success, named.ResultCode);

        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest("CN=whatever", ecdsa, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var selfSigned = Loaded(own.ExportCertificatePem(), ecdsa.ExportPkcs8PrivateKeyPem());
        var (second, unknown) = await HubClientProbe.TryConnectAsync(stand, Module, certificate: selfSigned);
        Assert.Equal(MqttConnectReturnCode.ConnectionRefusedNotAuthorized, Code(unknown));
        stand.Change(Module, i => i with { Thumbprint = selfSigned.GetCertHashString(HashAlgorithmName.SHA256) });
        var (third, known) = await HubClientProbe.TryConnectAsync(stand, Module, certificate: selfSigned);
        Assert.Equal(MqttClientConnectResultCode.Success, known.ResultCode);
        first.Dispose();
        second.Dispose();
        third.Dispose();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_switch_refuses_the_next_connects(int code)
    {
        await using var stand = await HubStand.StartAsync();
        stand.Switches.RefuseConnects = 1;
        stand.Switches.RefuseCode = code;
        var (first, refused) = await HubClientProbe.TryConnectAsync(stand, Module);
        Assert.Equal(code, (int)Code(refused));
        using var second = await HubClientProbe.ConnectAsync(stand);
        first.Dispose();
    }

    [Fact]
    public async Task A_switch_holds_CONNACK_back_and_another_takes_the_server_away()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stand = await HubStand.StartAsync(new() { Clock = clock });
        stand.Switches.ConnackDelay = TimeSpan.FromSeconds(50);
        var connecting = HubClientProbe.ConnectAsync(stand);
        await Soon.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return connecting.IsCompleted;
            },
            "CONNACK comes");
        using var probe = await connecting;
        stand.Switches.Down = true;
        await probe.Closed;
        await Assert.ThrowsAnyAsync<Exception>(() => HubClientProbe.TryConnectAsync(stand, Module));
        stand.Switches.Down = false;
        stand.Switches.ConnackDelay = TimeSpan.Zero;
        using var again = await HubClientProbe.ConnectAsync(stand);
    }

    [Fact]
    public async Task A_packet_that_is_no_MQTT_ends_the_connection()
    {
        await using var stand = await HubStand.StartAsync();
        using var raw = await RawConnection.OpenAsync(stand);
        await raw.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"));
        Assert.Empty(await raw.ReadToEndAsync());
    }

    private const string UserName = "hub/edge-1/edgeGateway/?api-version=2021-04-12";

    private static X509Certificate2 Loaded(string certificate, string key)
    {
        using var pem = X509Certificate2.CreateFromPem(certificate, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>MQTTnet gives the MQTT 5 form of the return code.</summary>
    private static MqttConnectReturnCode Code(MqttClientConnectResult result) => result.ResultCode switch
    {
        MqttClientConnectResultCode.ServerUnavailable => MqttConnectReturnCode.ConnectionRefusedServerUnavailable,
        MqttClientConnectResultCode.NotAuthorized => MqttConnectReturnCode.ConnectionRefusedNotAuthorized,
        _ => MqttConnectReturnCode.ConnectionAccepted,
    };
}
