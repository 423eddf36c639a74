using System.Text;
using System.Text.Json.Nodes;
using Hubstand;
using Hubstand.Hub;
using Hubstand.Identities;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.StandIn;

/// <summary>Twins and methods over the wire.</summary>
public class TwinTests
{
    private const string DesiredTopic = "$iothub/twin/PATCH/properties/desired/";
    private const string EdgeHub = """{ "modulesContent": { "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": {} } } } }""";
    private static readonly IdentityName Module = new("edge-1", "edgeGateway");

    [Fact]
    public async Task A_twin_is_read_reported_to_and_changed()
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        Assert.Equal(("$iothub/twin/res/200/?$rid=1", """{"desired":{"$version":1},"reported":{"$version":1}}"""), await probe.GetTwinAsync("1"));
        Assert.Equal(("$iothub/twin/res/204/?$rid=2&$version=2", ""), await probe.ReportAsync("2", """{"a":1,"b":2}"""));
        await probe.ReportAsync("3", """{"a":null}""");
        Assert.Equal("""{"b":2,"$version":3}""", stand.Twin(Module)["reported"]!.ToJsonString());
        Assert.Equal(2, stand.PatchDesired(Module, Object("""{"x":{"y":1,"z":null}}""")));
        Assert.Equal((DesiredTopic + "?$version=2", """{"x":{"y":1,"z":null},"$version":2}"""), await probe.ReceivesAsync(DesiredTopic));
    }

    [Fact]
    public async Task EdgeHub_states_no_version_and_refuses_with_an_empty_body_and_the_hub_with_JSON()
    {
        await using var stand = await HubStand.StartAsync(new() { Manifest = EdgeHub });
        using var probe = await HubClientProbe.ConnectAsync(stand);
        Assert.Equal(("$iothub/twin/res/204/?$rid=1", ""), await probe.ReportAsync("1", """{"a":1}"""));
        Assert.Equal(("$iothub/twin/res/400/?$rid=2", ""), await probe.ReportAsync("2", """{"a":[null]}"""));
        stand.Switches.TwinErrorBodies = true;
        var (topic, body) = await probe.ReportAsync("3", "[");
        Assert.Equal("$iothub/twin/res/400/?$rid=3", topic);
        Assert.Equal(400000, JsonNode.Parse(body)!["errorCode"]!.GetValue<int>());
    }

    [Fact]
    public async Task Reported_properties_that_exceed_32_KB_together_are_refused()
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        for (var i = 0; i < 7; i++)
        {
            Assert.Contains("/204/", (await probe.ReportAsync($"r{i}", $$"""{"t{{i}}":"{{new string('x', 4096)}}"}""")).Topic);
        }

        Assert.Contains("/400/", (await probe.ReportAsync("last", $$"""{"u":"{{new string('x', 4096)}}"}""")).Topic);
        Assert.Equal(1, stand.Counters[HubEvent.ReportedRefused]);
    }

    [Fact]
    public async Task An_edgeHub_that_is_offline_measures_the_patch_alone_and_what_the_cloud_refuses_later_nobody_is_told()
    {
        await using var stand = await HubStand.StartAsync(new() { Manifest = EdgeHub });
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.GetTwinAsync("1");
        stand.Switches.Offline = true;
        for (var i = 0; i < 8; i++)
        {
            Assert.Contains("/204/", (await probe.ReportAsync($"r{i}", $$"""{"t{{i}}":"{{new string('x', 4096)}}"}""")).Topic);
        }

        stand.Switches.Offline = false;
        Assert.Equal(["t0", "t1", "t2", "t3", "t4", "t5", "t6", "$version"], JsonNode.Parse((await probe.GetTwinAsync("2")).Body)!["reported"]!.AsObject().Select(p => p.Key));
        Assert.Equal(10, probe.Received.Count);
    }

    [Theory]
    [InlineData("$iothub/twin/GET/?$rid=")]
    [InlineData("$iothub/twin/GET/")]
    [InlineData("$iothub/twin/PATCH/properties/reported/?$rid=")]
    [InlineData("$iothub/twin/PATCH/properties/reported/")]
    [InlineData("$iothub/methods/res/200/?$rid=")]
    [InlineData("$iothub/methods/res/200/")]
    public async Task A_request_without_an_id_ends_the_connection(string topic)
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.PublishAsync(topic, qos: MQTTnet.Protocol.MqttQualityOfServiceLevel.AtMostOnce);
        await probe.Closed;
        Assert.Equal(1, stand.Counters[HubEvent.ClosedMalformed]);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task A_switch_fails_the_next_twin_requests(int status)
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        stand.Switches.FailTwinRequests = 1;
        stand.Switches.TwinStatus = status;
        Assert.StartsWith($"$iothub/twin/res/{status}/", (await probe.GetTwinAsync("1")).Topic);
        Assert.StartsWith("$iothub/twin/res/200/", (await probe.GetTwinAsync("2")).Topic);
    }

    [Fact]
    public async Task Twin_answers_can_be_lost_late_and_sent_twice()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stand = await HubStand.StartAsync(new() { Clock = clock });
        using var probe = await HubClientProbe.ConnectAsync(stand);
        stand.Switches.LoseTwinAnswers = 1;
        await probe.PublishAsync("$iothub/twin/GET/?$rid=lost");
        stand.Switches.TwinAnswerDelay = TimeSpan.FromSeconds(61);
        stand.Switches.RepeatTwinAnswers = 1;
        await probe.PublishAsync("$iothub/twin/GET/?$rid=late");
        Assert.Empty(probe.Received);
        clock.Advance(TimeSpan.FromSeconds(61));
        await probe.ReceivesAsync("$iothub/twin/res/200/?$rid=late", 2);
        Assert.DoesNotContain(probe.Received, m => m.Topic.Contains("lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Desired_patches_can_be_lost_repeated_and_swapped()
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        stand.Switches.LoseDesired = 1;
        stand.Switches.RepeatDesired = 1;
        stand.PatchDesired(Module, Object("""{"n":2}"""));
        stand.PatchDesired(Module, Object("""{"n":3}"""));
        stand.Switches.SwapDesired = 1;
        stand.PatchDesired(Module, Object("""{"n":4}"""));
        stand.PatchDesired(Module, Object("""{"n":5}"""));
        await probe.ReceivesAsync(DesiredTopic, 4);
        Assert.Equal([3, 3, 5, 4], probe.Received.Select(m => JsonNode.Parse(m.Body)!["$version"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_module_that_was_made_again_has_other_keys_and_version_1()
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        var before = stand.Register(Module);
        stand.PatchDesired(Module, Object("""{"n":2}"""));
        Assert.True(stand.Delete(Module));
        await probe.Closed;
        var after = stand.Register(Module);
        Assert.NotEqual((before.PrimaryKey, before.GenerationId), (after.PrimaryKey, after.GenerationId));
        using var again = await HubClientProbe.ConnectAsync(stand);
        Assert.Equal("""{"desired":{"$version":1},"reported":{"$version":1}}""", (await again.GetTwinAsync("1")).Body);
    }

    [Fact]
    public async Task Offline_the_last_copy_is_served_and_nothing_at_all_when_there_is_none()
    {
        await using var stand = await HubStand.StartAsync(new() { Manifest = EdgeHub });
        using var probe = await HubClientProbe.ConnectAsync(stand);
        stand.Switches.Offline = true;
        Assert.Equal("""{"desired":{},"reported":{}}""", (await probe.GetTwinAsync("1")).Body);
        stand.Switches.Offline = false;
        await probe.GetTwinAsync("2");
        stand.Switches.Offline = true;
        stand.PatchDesired(Module, Object("""{"n":2}"""));
        Assert.Contains("/204/", (await probe.ReportAsync("3", """{"r":1}""")).Topic);
        Assert.Equal("""{"desired":{"$version":1},"reported":{"r":1,"$version":1}}""", (await probe.GetTwinAsync("4")).Body);
        Assert.Equal("""{"$version":1}""", stand.Twin(Module)["reported"]!.ToJsonString());
        stand.Switches.Offline = false;
        Assert.Equal("""{"r":1,"$version":2}""", stand.Twin(Module)["reported"]!.ToJsonString());
    }

    [Theory]
    [InlineData(119, 0)]
    [InlineData(121, 1)]
    public async Task After_an_outage_a_change_is_told_only_if_the_last_copy_is_older_than_two_minutes(int seconds, int told)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stand = await HubStand.StartAsync(new() { Manifest = EdgeHub, Clock = clock });
        using var probe = await HubClientProbe.ConnectAsync(stand);
        await probe.GetTwinAsync("1");
        stand.Switches.Offline = true;
        stand.PatchDesired(Module, Object("""{"n":2}"""));
        clock.Advance(TimeSpan.FromSeconds(seconds));
        stand.Switches.Offline = false;
        await probe.GetTwinAsync("2");
        var patches = probe.Received.Where(m => m.Topic.StartsWith(DesiredTopic, StringComparison.Ordinal)).Select(m => JsonNode.Parse(m.Body)!.AsObject()).ToList();
        Assert.Equal(told, patches.Count);
        Assert.All(patches, p => Assert.Equal((2, 2, true), (p["n"]!.GetValue<int>(), p["$version"]!.GetValue<int>(), p.ContainsKey("$metadata"))));
    }

    [Fact]
    public async Task An_empty_twin_can_be_switched_on()
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        stand.Switches.EmptyTwin = true;
        Assert.Equal("""{"desired":{},"reported":{}}""", (await probe.GetTwinAsync("1")).Body);
    }

    [Fact]
    public async Task A_method_is_relayed_and_answered()
    {
        await using var stand = await HubStand.StartAsync();
        using var probe = await HubClientProbe.ConnectAsync(stand);
        var invoking = stand.InvokeAsync(Module, "ping", """{"q":1}""", token: TestContext.Current.CancellationToken);
        var (topic, body) = await probe.ReceivesAsync("$iothub/methods/POST/ping/?$rid=");
        Assert.Equal("""{"q":1}""", body);
        await probe.PublishAsync($"$iothub/methods/res/207/?$rid={topic.Split('=')[1]}", "[1]", MQTTnet.Protocol.MqttQualityOfServiceLevel.AtMostOnce);
        var result = await invoking;
        Assert.Equal((207, "[1]"), (result.Status, Encoding.UTF8.GetString(result.Payload.Span)));
    }

    [Fact]
    public async Task A_method_of_a_module_that_is_not_there_gives_404_and_one_without_an_answer_504()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stand = await HubStand.StartAsync(new() { Clock = clock });
        Assert.Equal(404, (await stand.InvokeAsync(Module, "ping", "", token: TestContext.Current.CancellationToken)).Status);
        using var probe = await HubClientProbe.ConnectAsync(stand);
        stand.Switches.LoseMethods = 1;
        var invoking = stand.InvokeAsync(Module, "ping", "", TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(504, (await invoking).Status);
    }

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();
}
