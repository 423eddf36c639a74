using Hubstand;
using Hubstand.Hub;
using Hubstand.Identities;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeGateway.Tests.StandIn;

/// <summary>What becomes of messages: delivered, or acknowledged and lost.</summary>
public class TelemetryTests
{
    private const string Events = "devices/edge-1/modules/edgeGateway/messages/events/";

    [Fact]
    public async Task A_message_of_a_routed_output_reaches_the_cloud_with_its_properties()
    {
        await using var stand = await StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.PublishAsync(Events + "%24.on=alerts&%24.mid=m%201&%24.ct=application%2Fjson&severity=7/", """{"a":1}""");
        var message = Assert.Single(stand.Telemetry);
        Assert.Equal(("alerts", "m 1", "7"), (message.Output, message.Id, message.Properties["severity"]));
        Assert.Equal("application/json", message.SystemProperties["$.ct"]);
    }

    [Theory]
    [InlineData("%24.on=alarms", HubEvent.DroppedNoRoute)]
    [InlineData("?%24.on=alerts", HubEvent.DroppedNoRoute)]
    [InlineData("", HubEvent.DroppedNoRoute)]
    [InlineData("%24.on=alerts&x=YQ==", HubEvent.DroppedBagFormat)]
    [InlineData("%24.on=alerts&", HubEvent.DroppedBagFormat)]
    [InlineData("%24.on=alerts&x=a/b", HubEvent.DroppedNoTemplate)]
    [InlineData("%24.on=alerts&deviceId=other", HubEvent.DroppedUnknownSender)]
    public async Task What_edgeHub_loses_is_acknowledged_lost_and_counted(string bag, HubEvent lost)
    {
        await using var stand = await StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.PublishAsync(Events + bag);
        Assert.Empty(stand.Telemetry);
        Assert.Equal(1, stand.Counters[lost]);
    }

    [Fact]
    public async Task A_property_moduleId_gives_the_message_another_source_so_that_its_route_misses_it()
    {
        await using var stand = await StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.PublishAsync(Events + "%24.on=alerts&moduleId=other");
        Assert.Equal(1, stand.Counters[HubEvent.DroppedNoRoute]);
    }

    [Fact]
    public async Task A_packet_that_exceeds_the_limit_ends_the_connection_and_one_below_it_is_taken()
    {
        await using var stand = await StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.PublishAsync(Events + "%24.on=alerts", new string('x', 260_000));
        Assert.Single(stand.Telemetry);

        await Assert.ThrowsAnyAsync<Exception>(() => probe.PublishAsync(Events + "%24.on=alerts", new string('x', 262_144)));
        await probe.Closed;
        Assert.Equal(1, stand.Counters[HubEvent.ClosedPacketTooLarge]);
    }

    [Fact]
    public async Task QoS_2_ends_the_connection_and_QoS_0_is_taken()
    {
        await using var stand = await StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.PublishAsync(Events + "%24.on=alerts", qos: MqttQualityOfServiceLevel.AtMostOnce);
        await Soon.HoldsAsync(() => stand.Telemetry.Count == 1, "the message");
        await Assert.ThrowsAnyAsync<Exception>(() => probe.PublishAsync(Events + "%24.on=alerts", qos: MqttQualityOfServiceLevel.ExactlyOnce));
        await probe.Closed;
        Assert.Equal(1, stand.Counters[HubEvent.ClosedQos2]);
    }

    [Fact]
    public async Task Retain_becomes_a_property_and_a_last_will_is_marked()
    {
        await using var stand = await HubStand.StartAsync();
        using (var probe = await HubClientProbe.ConnectAsync(stand, change: o => o.WithWillTopic(Events).WithWillPayload("gone")))
        {
            await probe.Client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(Events).WithRetainFlag().WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), TestContext.Current.CancellationToken);
            Assert.Equal("true", Assert.Single(stand.Telemetry).Properties["mqtt-retain"]);
            stand.DisconnectAll();
        }

        await Soon.HoldsAsync(() => stand.Telemetry.Count == 2, "the will");
        Assert.Equal("Will", stand.Telemetry[1].Properties["iothub-MessageType"]);
    }

    [Fact]
    public async Task A_message_that_says_that_it_is_a_duplicate_is_marked()
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.Client.PublishAsync(new MqttApplicationMessage { Topic = Events, Dup = true, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce }, TestContext.Current.CancellationToken);
        Assert.Equal("true", Assert.Single(stand.Telemetry).Properties["mqtt-dup"]);
    }

    [Fact]
    public async Task The_two_system_names_without_a_dollar_are_no_properties_of_the_application()
    {
        await using var stand = await StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.PublishAsync(Events + "%24.on=alerts&iothub-operation=x&ack=full&Ack=own");
        var message = Assert.Single(stand.Telemetry);
        Assert.Equal(("x", "full"), (message.SystemProperties["iothub-operation"], message.SystemProperties["ack"]));
        Assert.Equal(["Ack"], message.Properties.Keys);
    }

    [Fact]
    public async Task A_lost_PUBACK_leaves_the_message_delivered_and_the_sender_waiting()
    {
        await using var stand = await StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        stand.Switches.LosePubAcks = 1;
        var sending = probe.PublishAsync(Events + "%24.on=alerts&%24.mid=1");
        await Soon.HoldsAsync(() => stand.Telemetry.Count == 1, "the message");
        await probe.PublishAsync(Events + "%24.on=alerts&%24.mid=2");
        Assert.False(sending.IsCompleted);
        Assert.Equal(1, stand.Counters[HubEvent.PubAckLost]);
    }

    [Fact]
    public async Task Offline_messages_are_acknowledged_stored_and_arrive_in_order_later()
    {
        await using var stand = await StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        stand.Switches.Offline = true;
        for (var i = 0; i < 5; i++)
        {
            await probe.PublishAsync(Events + $"%24.on=alerts&%24.mid={i}");
        }

        Assert.Empty(stand.Telemetry);
        Assert.Equal(5, stand.StoredTelemetry);
        stand.Switches.Offline = false;
        Assert.Equal(["0", "1", "2", "3", "4"], stand.Telemetry.Select(m => m.Id));
    }

    [Fact]
    public async Task Inputs_come_one_at_a_time_with_their_sender_and_come_again_without_an_acknowledgement()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stand = await StartAsync(clock);
        using var probe = await HubClientProbe.ConnectAsync(stand);
        probe.Acknowledges = false;
        await probe.PublishAsync(Events + "%24.on=echo&n=1", "1");
        await probe.PublishAsync(Events + "%24.on=echo&n=2", "2");
        const string input = "devices/edge-1/modules/edgeGateway/inputs/readings/";
        Assert.Equal((input + "%24.cdid=edge-1&%24.cmid=edgeGateway&n=1", "1"), await probe.ReceivesAsync(input));

        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("1", (await probe.ReceivesAsync(input, 2)).Body);
        Assert.Equal(2, stand.WaitingInputs("edgeGateway"));
        probe.Acknowledges = true;
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("2", (await probe.ReceivesAsync(input, 4)).Body);
        await Soon.HoldsAsync(() => stand.WaitingInputs("edgeGateway") == 0, "both are acknowledged");
        Assert.Equal(2, stand.Counters[HubEvent.InputRetried]);
    }

    [Fact]
    public async Task What_was_not_acknowledged_comes_again_on_the_next_connection()
    {
        await using var stand = await StartAsync();
        using (var first = await HubClientProbe.ConnectAsync(stand))
        {
            first.Acknowledges = false;
            stand.SendToInput("edgeGateway", "readings", "x"u8.ToArray());
            await first.ReceivesAsync("devices/");
            stand.DisconnectAll();
            await first.Closed;
        }

        using var second = await HubClientProbe.ConnectAsync(stand);
        Assert.Equal("x", (await second.ReceivesAsync("devices/")).Body);
    }

    [Fact]
    public async Task A_device_sends_without_a_module_and_hears_the_cloud()
    {
        await using var stand = await HubStand.StartAsync();
        var (probe, _) = await HubClientProbe.TryConnectAsync(stand, stand.NameOf(null));
        await probe.Client.SubscribeAsync("devices/edge-1/messages/devicebound/#", MqttQualityOfServiceLevel.AtLeastOnce, TestContext.Current.CancellationToken);
        await probe.PublishAsync("devices/edge-1/messages/events/a=1");
        Assert.Equal(new IdentityName("edge-1", null), Assert.Single(stand.Telemetry).Sender);
        stand.SendToDevice(stand.NameOf(null), "hello"u8.ToArray());
        Assert.Equal(("devices/edge-1/messages/devicebound/%24.to=%2Fdevices%2Fedge-1%2Fmessages%2Fdevicebound", "hello"), await probe.ReceivesAsync("devices/"));
        probe.Dispose();
    }

    private static Task<HubStand> StartAsync(TimeProvider? clock = null) => HubStand.StartAsync(new()
    {
        Clock = clock ?? TimeProvider.System,
        Manifest = """
            { "modulesContent": { "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": {
              "alerts": { "route": "FROM /messages/modules/edgeGateway/outputs/alerts INTO $upstream", "priority": 0, "timeToLiveSecs": 2592000 },
              "echo": "FROM /messages/modules/edgeGateway/outputs/echo INTO BrokeredEndpoint(\"/modules/edgeGateway/inputs/readings\")" } } } } }
            """,
    });
}
