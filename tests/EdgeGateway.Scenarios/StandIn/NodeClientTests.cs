using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;
using Hubstand;
using Hubstand.Hub;

namespace EdgeGateway.Scenarios.StandIn;

/// <summary>The official Node client against the stand-in: a stand-in that suits only our own client would prove nothing.</summary>
public class NodeClientTests
{
    private const string Manifest = """
        { "modulesContent": {
            "$edgeAgent": { "properties.desired": { "schemaVersion": "1.1", "modules": { "edgeGateway": {} } } },
            "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": {
              "alerts": { "route": "FROM /messages/modules/edgeGateway/outputs/alerts INTO $upstream", "priority": 0, "timeToLiveSecs": 2592000 },
              "echo": "FROM /messages/modules/edgeGateway/outputs/echo INTO BrokeredEndpoint(\"/modules/edgeGateway/inputs/readings\")" } } },
            "edgeGateway": { "properties.desired": { "schema": 1 } } } }
        """;

    [Theory]
    [InlineData("environment")]
    [InlineData("connectionString")]
    [InlineData("webSocket")]
    public async Task Microsofts_module_client_works_from_the_environment_from_a_connection_string_and_over_WebSocket(string way)
    {
        await using var stand = await HubStand.StartAsync(new() { Manifest = Manifest });
        var module = stand.NameOf("edgeGateway");
        var environment = way == "environment"
            ? stand.ModuleEnvironment("edgeGateway")
            : new Dictionary<string, string> { ["EdgeHubConnectionString"] = stand.ConnectionString(module) };
        using var node = NodeClient.Start(stand, environment, "module.mjs", way);

        Assert.Equal(1, (await node.SaysAsync("twin"))!["desired"]!["$version"]!.GetValue<int>());
        await node.SaysAsync("desired");

        await node.TellAsync("""reported {"state":"on"}""");
        await node.SaysAsync("done");
        Assert.Equal("on", stand.Twin(module)["reported"]!["state"]!.GetValue<string>());

        stand.PatchDesired(module, new JsonObject { ["threshold"] = 0.5 });
        Assert.Equal("""{"threshold":0.5,"$version":2}""", (await node.SaysAsync("desired"))!.ToJsonString());

        var answer = await stand.InvokeAsync(module, "ping", "[1,2]", token: TestContext.Current.CancellationToken);
        Assert.Equal((200, """{"pong":[1,2]}"""), (answer.Status, Encoding.UTF8.GetString(answer.Payload.Span)));

        await node.TellAsync("""output alerts {"a":1}""");
        await node.SaysAsync("done");
        var alert = Assert.Single(stand.Telemetry);
        Assert.Equal(("alerts", "message-1", "700"), (alert.Output, alert.Id, alert.Properties["severity"]));

        await node.TellAsync("""output echo {"b":2}""");
        var input = await node.SaysAsync("input");
        Assert.Equal(("readings", 2), (input!["input"]!.GetValue<string>(), input["body"]!["b"]!.GetValue<int>()));
        await Eventually.HoldsAsync(() => stand.Counters[HubEvent.InputDelivered] == 1, "the input is acknowledged");

        await node.TellAsync("close");
        await Eventually.HoldsAsync(() => stand.Connected.Count == 0, "the client has left");
        Assert.True(node.HasNotSaid("error"));
    }

    [Fact]
    public async Task Microsofts_client_takes_a_refusal_about_the_twin_without_a_body_for_success_so_bodies_are_a_switch()
    {
        await using var stand = await HubStand.StartAsync(new() { Manifest = Manifest });
        var module = stand.NameOf("edgeGateway");
        using var node = NodeClient.Start(stand, new Dictionary<string, string> { ["EdgeHubConnectionString"] = stand.ConnectionString(module) }, "module.mjs", "connectionString");
        await node.SaysAsync("twin");
        (stand.Switches.TwinStatus, stand.Switches.FailTwinRequests) = (500, 2);
        await node.TellAsync("""reported {"state":"on"}""");
        await node.SaysAsync("done");
        stand.Switches.TwinErrorBodies = true;
        await node.TellAsync("""reported {"state":"on"}""");
        await node.SaysAsync("failed");
        Assert.Equal((0, 0), (stand.Switches.FailTwinRequests.Left, stand.Counters[HubEvent.ReportedUpdated]));
    }

    [Fact]
    public async Task A_renamed_output_makes_the_message_of_Microsofts_client_vanish_although_it_is_acknowledged()
    {
        await using var stand = await HubStand.StartAsync(new() { Manifest = Manifest });
        using var node = NodeClient.Start(stand, stand.ModuleEnvironment("edgeGateway"), "module.mjs", "environment");
        await node.SaysAsync("twin");
        await node.TellAsync("""output alarms {"a":1}""");
        await node.SaysAsync("done");
        Assert.Empty(stand.Telemetry);
        Assert.Equal(1, stand.Counters[HubEvent.DroppedNoRoute]);
    }

    [Fact]
    public async Task Microsofts_device_client_lives_on_a_token_takes_another_one_and_takes_messages_of_the_cloud()
    {
        // a token names its host, and the client connects to it
        await using var stand = await HubStand.StartAsync(new() { HubHost = "localhost" });
        var device = stand.NameOf(null);
        var now = TimeProvider.System.GetUtcNow();
        using var node = NodeClient.Start(stand, new Dictionary<string, string> { ["HUBSTAND_TOKEN"] = stand.Token(device, now.AddHours(1)) }, "device.mjs");
        await node.SaysAsync("sent");
        Assert.Equal("from a device", Encoding.UTF8.GetString(Assert.Single(stand.Telemetry).Body.Span));

        stand.SendToDevice(device, "hello"u8.ToArray(), new Dictionary<string, string?> { ["kind"] = "greeting" });
        Assert.Equal("hello", (await node.SaysAsync("message"))!["body"]!.GetValue<string>());

        await node.TellAsync("token " + stand.Token(device, now.AddHours(2)));
        await node.SaysAsync("renewed");
        await Eventually.HoldsAsync(() => stand.Counters[HubEvent.Connected] >= 2, "it connects with the new token");
        stand.SendToDevice(device, "again"u8.ToArray());
        Assert.Equal("again", (await node.SaysAsync("message"))!["body"]!.GetValue<string>());
    }

    [Fact]
    public async Task Microsofts_client_comes_back_after_the_server_dropped_it_and_its_kept_subscriptions_still_hold()
    {
        await using var stand = await HubStand.StartAsync(new() { Manifest = Manifest });
        var module = stand.NameOf("edgeGateway");
        using var node = NodeClient.Start(stand, stand.ModuleEnvironment("edgeGateway"), "module.mjs", "environment");
        await node.SaysAsync("twin");
        await node.SaysAsync("desired");
        stand.DisconnectAll();
        await Eventually.HoldsAsync(() => stand.Counters[HubEvent.Connected] == 2, "it connects again");
        stand.PatchDesired(module, new JsonObject { ["later"] = 1 });
        Assert.Equal(1, (await node.SaysAsync("desired"))!["later"]!.GetValue<int>());
    }
}
