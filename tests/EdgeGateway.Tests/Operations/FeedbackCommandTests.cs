using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Operations;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Verdicts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NJsonSchema;

namespace EdgeGateway.Tests.Operations;

/// <summary>What people say of alerts, from the command to what a report reads.</summary>
public sealed class FeedbackCommandTests : IDisposable
{
    private const string Known = "abcdefghij2345672345";
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly GatewayState state = new();
    private readonly GatewayStore store;
    private readonly CommandDispatcher dispatcher;

    public FeedbackCommandTests()
    {
        store = GatewayStore.Open(folder.Path, clock);
        store.Commit([Transition(1, open: true)]);
        state.Running = Any.Running(store, clock);
        dispatcher = new CommandDispatcher(new AlertCommands(state, clock).All(), state.Accounting, NullLogger<CommandDispatcher>.Instance);
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task An_open_alert_and_an_ended_one_can_be_judged_and_the_newest_verdict_counts()
    {
        var answer = await AskAsync(200, $$"""{"alertId":"{{Known}}","by":"Ada","verdict":"true","note":"bearing, replaced"}""");
        Assert.Equal($$"""{"alertId":"{{Known}}","verdict":"true","by":"Ada","time":"2026-11-24T12:00:00+00:00"}""", answer.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        store.Commit([Transition(2, open: false)]);
        clock.Advance(TimeSpan.FromDays(3));
        await AskAsync(200, $$"""{"alertId":"{{Known}}","by":"Bea","verdict":"false"}""");
        Assert.Equal("false", Assert.Single(History.Read(folder.Path, DateTimeOffset.MinValue).Alerts).Verdict);
    }

    [Theory]
    [InlineData(404, "There is no alert abc", """{"alertId":"abc","by":"Ada","verdict":"true"}""")]
    [InlineData(400, "verdict is none of", """{"alertId":"abc","by":"Ada","verdict":"yes"}""")]
    [InlineData(400, "verdict is none of", """{"alertId":"abc","by":"Ada","verdict":true}""")]
    [InlineData(400, "by or verdict is missing", """{"alertId":"abc","verdict":"true"}""")]
    [InlineData(400, "note is no text", """{"alertId":"abc","by":"Ada","verdict":"true","note":""}""")]
    [InlineData(400, "note is no text", """{"alertId":"abc","by":"Ada","verdict":"true","note":["a"]}""")]
    [InlineData(400, "not known", """{"alertId":"abc","by":"Ada","verdict":"true","severity":1}""")]
    public async Task What_cannot_be_kept_is_refused_with_a_sentence(int status, string sentence, string payload) =>
        Assert.Contains(sentence, (string)(await AskAsync(status, payload))["error"]!, StringComparison.Ordinal);

    [Fact]
    public async Task A_note_of_500_characters_is_kept_and_a_longer_one_refused()
    {
        foreach (var (length, status) in new[] { (500, 200), (501, 400) })
        {
            await AskAsync(status, $$"""{"alertId":"{{Known}}","by":"Ada","verdict":"unsure","note":"{{new string('x', length)}}"}""");
        }
    }

    [Fact]
    public async Task Of_a_flood_120_are_kept_at_once_then_two_a_minute_and_the_rest_is_counted()
    {
        var payload = $$"""{"alertId":"{{Known}}","by":"Eve","verdict":"false"}""";
        for (var i = 0; i < 120; i++)
        {
            await AskAsync(200, payload);
        }

        for (var i = 0; i < 5; i++)
        {
            Assert.Contains("More feedback came than people give", (string)(await AskAsync(429, payload))["error"]!, StringComparison.Ordinal);
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        await AskAsync(200, payload);
        await AskAsync(200, payload);
        await AskAsync(429, payload);
        Assert.Equal(6, state.Accounting.Of("feedback.refused", reason: "flood").Value);
    }

    [Fact]
    public async Task Before_there_are_settings_it_says_so()
    {
        state.Running = null;
        await AskAsync(503, $$"""{"alertId":"{{Known}}","by":"Ada","verdict":"true"}""");
    }

    private static AlertTransition Transition(int sequence, bool open) =>
        new(new AlertState(Known, "plant/p1", "anomaly", sequence, open, Any.Noon.AddMinutes(sequence), "{}"u8.ToArray()), 400, open ? "raised" : "cleared", "{}"u8.ToArray());

    private async Task<JsonObject> AskAsync(int status, string payload)
    {
        var answer = await dispatcher.RunAsync("feedback", Encoding.UTF8.GetBytes(payload), isLocal: true, TestContext.Current.CancellationToken);
        var text = Encoding.UTF8.GetString(answer.ToBytes());
        Assert.True(answer.Status == status, $"{answer.Status}: {text}");
        var schema = await JsonSchema.FromFileAsync(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "commands", status < 300 ? "feedback.schema.json" : "error.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(text));
        return JsonNode.Parse(text)!.AsObject();
    }
}
