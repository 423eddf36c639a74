using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using EdgeGateway.Operations;
using EdgeGateway.Tests.Hub;
using Hubstand.Hub;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests.Operations;

/// <summary>Our commands as direct methods over a real connection, sensible and not.</summary>
public class DirectMethodTests
{
    private const string Sensor = """{ "sensor": "line-1/pump-1/pressure" }""";
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, int, string> Requests => new()
    {
        { "ping", "{}", 200, "time" },
        { "ping", "", 200, "time" },
        { "ping", "null", 200, "time" },
        { "ping", "not JSON", 400, "not a JSON object" },
        { "ping", "{\"a\":", 400, "not a JSON object" },
        { "ping", "[1]", 400, "not a JSON object" },
        { "ping", "5", 400, "not a JSON object" },
        { "ping", """{"a":1}""", 400, "not known" },
        { "explain", """{"sensor":5}""", 400, "sensor is missing or no text" },
        { "explain", """{"sensor":{"sensor":"a"}}""", 400, "sensor is missing or no text" },
        { "explain", Sensor, 503, "no settings" },
        { "explain", string.Concat(Enumerable.Repeat("{\"sensor\":", 20)) + "1" + new string('}', 20), 400, "not a JSON object" },
        { "explain", string.Concat(Enumerable.Repeat("[", 50_000)), 400, "not a JSON object" },
        { "explain", $$"""{"sensor":"{{new string('x', 17 << 10)}}"}""", 400, "at most 16384 bytes" },
        { "explain", new string(' ', 129 << 10), 413, "at most 131072" },
        { "explain", $$"""{"sensor":"{{new string('x', 1 << 20)}}"}""", 413, "at most 131072" },
        { "logLevel", """{"level":"loud"}""", 400, "none of fatal" },
        { "reboot", "{}", 501, "there are captureWindow, explain, getConfig, logLevel, ping, status" },
        { "Ping", "{}", 501, "there are captureWindow" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Whatever_is_sent_is_answered_and_the_connection_goes_on(string method, string payload, int status, string says)
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = Owner(bench, out _);
        await owner.ConnectedAsync();
        var answer = await bench.Stand.InvokeAsync(bench.Name, method, payload, token: Token);
        Assert.Equal(status, answer.Status);
        Assert.Contains(says, Encoding.UTF8.GetString(answer.Payload.Span), StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse(answer.Payload.Span) as JsonObject);
        Assert.Equal(200, (await bench.Stand.InvokeAsync(bench.Name, "ping", "", token: Token)).Status);
        Assert.Equal(1, owner.Connects);
    }

    [Fact]
    public async Task A_request_that_comes_twice_under_one_id_is_carried_out_once_and_answered_alike()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = Owner(bench, out var logging);
        await owner.ConnectedAsync();
        bench.Stand.Switches.RepeatMethods = 1;
        Assert.Equal(200, (await bench.Stand.InvokeAsync(bench.Name, "logLevel", """{"level":"debug"}""", token: Token)).Status);
        await Until.HoldsAsync(() => bench.Accounting.Of("hub.methods", reason: "repeated").Value == 1, "the second one is known");
        Assert.Equal(("logLevel", LogLevel.Debug), (Assert.Single(owner.Invoked).Name, logging.Level));
    }

    [Fact]
    public async Task While_the_module_is_not_connected_the_service_API_says_404_and_afterwards_it_answers()
    {
        await using var bench = await HubBench.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, await PingAsync(bench));
        await using var owner = Owner(bench, out _);
        await owner.ConnectedAsync();
        Assert.Equal(HttpStatusCode.OK, await PingAsync(bench));
        bench.Stand.Switches.Offline = true;
        Assert.Equal(HttpStatusCode.NotFound, await PingAsync(bench));
        bench.Stand.Switches.Offline = false;
        bench.Stand.Switches.Down = true;
        Assert.Equal(HttpStatusCode.NotFound, await PingAsync(bench));
        Assert.Equal((1, 3), (bench.Stand.Counters[HubEvent.MethodAnswered], bench.Stand.Counters[HubEvent.MethodFailed]));
    }

    private static HubOwner Owner(HubBench bench, out LogSwitch logging)
    {
        logging = new LogSwitch(LogLevel.Information);
        var commands = new GatewayCommands(new GatewayState(), logging, bench.Clock, NullLogger<GatewayCommands>.Instance);
        var dispatcher = new CommandDispatcher(commands.All(), bench.Accounting, NullLogger<CommandDispatcher>.Instance);
        var owner = bench.Owner();
        owner.OnMethod = async (request, token) =>
        {
            var answer = await dispatcher.RunAsync(request.Name, request.Payload, isLocal: false, token);
            return new MethodResponse(answer.Status, answer.ToBytes());
        };
        return owner.Start();
    }

    private static async Task<HttpStatusCode> PingAsync(HubBench bench)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{bench.Stand.RestPort}") };
        using var body = new StringContent("""{"methodName":"ping"}""");
        return (await http.PostAsync(new Uri("/twins/edge-1/modules/edgeGateway/methods", UriKind.Relative), body, Token)).StatusCode;
    }
}
