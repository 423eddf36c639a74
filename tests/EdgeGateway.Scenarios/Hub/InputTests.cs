using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Hub;

/// <summary>Readings that another module of the device routes to an input of the gateway.</summary>
public class InputTests
{
    /// <summary>So many before the stages are started anew.</summary>
    private const int Before = 25;
    private const int Messages = 55;

    [Fact]
    public async Task OPC_UA_messages_of_an_input_raise_an_alert_upstream_and_a_new_start_of_the_stages_between_them_loses_none()
    {
        using var broker = await MosquittoBroker.StartedAsync();
        await using var site = await HubSite.StartedAsync(broker);
        var desired = site.Desired;
        desired["sources"]!["presses"] = JsonNode.Parse("""{ "input": "readings", "payload": "opcUa", "range": { "Pressure": [0, 100] } }""");
        site.Patch(desired);
        using var gateway = site.Run();
        await gateway.SaysAsync($"edgegateway-{HubSite.Gateway} is connected");
        await gateway.SaysAsync($"edge-1/{HubSite.Module} is connected");
        for (var second = 0; second < Messages; second++)
        {
            if (second == Before)
            {
                await Eventually.HoldsAsync(() => site.Counter("taken") > 0, "the first ones are taken");
                site.Patch("""{ "operations": { "commands": ["status"] } }""");
            }

            site.Stand.SendToInput(HubSite.Module, "readings", Message(second, second));
        }

        await Eventually.HoldsAsync(() => gateway.Output.Split("Went on with").Length == 3, () => $"the stages start anew, but the gateway said:\n{gateway.Output}");
        site.Stand.SendToInput(HubSite.Module, "readings", Message(Messages, 101));
        await Eventually.HoldsAsync(() => site.Upstream().Count == 1, () => $"the alert, but the gateway said:\n{gateway.Output}");
        Assert.Equal(("press/Pressure", "limit"), (site.Upstream()[0].Subject, site.Upstream()[0].Kind));
        await Eventually.HoldsAsync(() => site.Stand.WaitingInputs(HubSite.Module) == 0, "all are acknowledged");
        var window = (await site.InvokeAsync("captureWindow", """{ "sensor": "press/Pressure" }""")).Body;
        Assert.Equal([.. Enumerable.Range(0, Messages).Select(i => (double)i), 101], window["samples"]!.AsArray().Select(s => (double)s![1]!));
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task Without_a_broker_readings_come_by_the_hub_alone_and_alerts_go_to_it_alone()
    {
        await using var site = await HubSite.StartedAsync(broker: null);
        site.Patch("""{ "schema": 1, "sources": { "presses": { "input": "readings", "payload": "opcUa", "range": { "Pressure": [0, 100] } } } }""");
        using var gateway = site.Run();
        await gateway.SaysAsync($"edge-1/{HubSite.Module} is connected");
        site.Stand.SendToInput(HubSite.Module, "readings", Message(0, 101));
        await Eventually.HoldsAsync(() => site.Upstream().Count == 1, () => $"the alert, but the gateway said:\n{gateway.Output}");
        Assert.Equal(("press/Pressure", "limit"), (site.Upstream()[0].Subject, site.Upstream()[0].Kind));
        Assert.Equal(0, await gateway.StopAsync());
        Assert.DoesNotContain("broker", gateway.Output, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A network message as OPC Publisher sends it.</summary>
    private static byte[] Message(int second, int pressure) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""
        [{ "MessageId": "{{second}}", "MessageType": "ua-data", "PublisherId": "plc", "Messages": [{
           "DataSetWriterId": 1, "DataSetWriterName": "press", "MessageType": "ua-deltaframe", "Timestamp": "2026-01-01T00:01:00Z",
           "Payload": { "Pressure": { "Value": {{pressure}}, "SourceTimestamp": "2026-01-01T00:00:{{second:00}}Z" } } }] }]
        """));
}
