using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using EdgeGateway.Operations;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests.Operations;

public class CommandDispatcherTests
{
    private readonly Accounting accounting = new();
    private readonly CommandDispatcher dispatcher;

    public CommandDispatcherTests() => dispatcher = new CommandDispatcher(
        [
            new GatewayCommand("echo", ["text"], (request, _) => Task.FromResult(CommandAnswer.Ok(request.Payload.DeepClone()))),
            new GatewayCommand("fail", [], (_, _) => throw new InvalidOperationException("of ours")),
            new GatewayCommand("much", [], (_, _) => Task.FromResult(CommandAnswer.Ok(new JsonObject { ["x"] = new string('x', CommandDispatcher.LargestAnswer) }))),
        ],
        accounting, NullLogger<CommandDispatcher>.Instance);

    [Theory]
    [InlineData("echo", """{"text":"hi"}""", 200, "hi")]
    [InlineData("echo", "", 200, "{}")]
    [InlineData("echo", " null ", 200, "{}")]
    [InlineData("echo", """{"tekst":"hi"}""", 400, "a key that is not known; send { \\u0022text\\u0022: ... }")]
    [InlineData("echo", "[1]", 400, "not a JSON object")]
    [InlineData("echo", """{"text":"a","text":"b"}""", 400, "not a JSON object")]
    [InlineData("echo", """{"text":"\uD800"}""", 400, "not a JSON object")]
    [InlineData("echo", "{\"text\":", 400, "not a JSON object")]
    [InlineData("nothing", "{}", 501, "there are echo, fail, much")]
    [InlineData("fail", "{}", 500, "failed: of ours")]
    [InlineData("much", "{}", 413, "can be returned")]
    public async Task Whatever_is_asked_is_answered(string name, string payload, int status, string answer)
    {
        var answered = await dispatcher.RunAsync(name, Encoding.UTF8.GetBytes(payload), isLocal: false, TestContext.Current.CancellationToken);
        Assert.Equal(status, answered.Status);
        Assert.Contains(answer, Encoding.UTF8.GetString(answered.ToBytes()), StringComparison.Ordinal);
        Assert.Equal(1, accounting.Total("commands"));
    }

    [Fact]
    public async Task A_payload_that_is_too_large_is_not_read()
    {
        var answered = await dispatcher.RunAsync("echo", new byte[CommandDispatcher.LargestPayload + 1], isLocal: false, TestContext.Current.CancellationToken);
        Assert.Equal(400, answered.Status);
    }

    [Fact]
    public Task No_bytes_end_the_gateway() => Gen.Byte.Array[0, 60].SampleAsync(async bytes =>
        Assert.InRange((await dispatcher.RunAsync("echo", bytes, isLocal: false, TestContext.Current.CancellationToken)).Status, 200, 400));
}
