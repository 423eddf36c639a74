using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Operations;
using EdgeGateway.Prompts;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NJsonSchema;

namespace EdgeGateway.Tests.Operations;

/// <summary>The answers of the commands, held against the schemas of docs/formats/commands.</summary>
public sealed class GatewayCommandsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("commands-");
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly GatewayState state = new();
    private readonly LogSwitch logging = new(LogLevel.Information);
    private readonly StageChannels channels = new();
    private readonly LastVerdicts verdicts = new();
    private readonly GatewayStore store;
    private readonly CommandDispatcher dispatcher;

    public GatewayCommandsTests()
    {
        store = GatewayStore.Open(folder.FullName, clock);
        dispatcher = new CommandDispatcher(
            [.. new GatewayCommands(state, logging, clock, NullLogger<GatewayCommands>.Instance).All(), .. new MaintenanceCommands(state, clock).All()], new Accounting(), NullLogger<CommandDispatcher>.Instance);
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Without_settings_ping_status_and_logLevel_answer_and_the_others_say_why_not()
    {
        Assert.Equal("waiting for settings", (string)(await AskAsync("status", 200))["state"]!);
        await AskAsync("ping", 200);
        await AskAsync("logLevel", 200);
        await AskAsync("getConfig", 503);
        await AskAsync("explain", 503, """{"sensor":"a"}""");
        await AskAsync("captureWindow", 503, """{"sensor":"a"}""");
    }

    [Fact]
    public async Task Explain_shows_the_very_prompt_and_every_number_behind_the_verdict()
    {
        Run();
        var sensor = Any.Sensor();
        var prompt = new Prompt(Any.Window(sensor, 1), "a1b2=");
        verdicts.Add(prompt, Any.Verdict(sensor, 1, 1.5, 0.6f, 0.1f));
        var why = await AskAsync("explain", 200, $$"""{"sensor":"{{sensor.Id}}"}""");
        Assert.Equal(("a1b2=", 1.5, 0.5, true), ((string)why["prompt"]!, (double)why["score"]!, (double)why["threshold"]!, (bool)why["anomalous"]!));
        Assert.Equal("""{"normal":0.3,"drift":0.6,"stuck":0.1}""", why["probabilities"]!.ToJsonString());
        Assert.Equal(SensorFields.Count, why["fields"]!.AsArray().Count);
        Assert.Equal(0.817574, (double)why["confidence"]!);
        await AskAsync("explain", 404, """{"sensor":"nobody"}""");
        await AskAsync("explain", 400, """{"sensor":5}""");
        await AskAsync("explain", 400);
    }

    [Fact]
    public async Task Status_says_which_sensors_are_warming_and_until_when()
    {
        Run();
        foreach (var (id, samples) in new[] { ("new", 100L), ("newer", 70L) })
        {
            var window = Any.Window(Any.Sensor(id), 1) with { Start = Any.Noon, End = Any.Noon.AddSeconds(59), Samples = samples, FreshSamples = samples };
            verdicts.Add(new Prompt(window, "a1="), new Verdict(window, Judge.Model, double.NaN, 0.5, [], NotJudgedReason.Warming));
        }

        var warming = (await AskAsync("status", 200))["warming"]!;
        Assert.Equal((2, "newer", Any.Noon.AddSeconds(59 + 230)), ((int)warming["sensors"]!, (string)warming["longest"]![0]!["sensor"]!, (DateTimeOffset)warming["longest"]![0]!["until"]!));
        Assert.Equal(Any.Noon.AddSeconds(59 + 200), (DateTimeOffset)warming["longest"]![1]!["until"]!);
    }

    [Fact]
    public async Task A_window_that_was_not_judged_says_so_and_shows_its_numbers_all_the_same()
    {
        Run();
        var sensor = Any.Sensor();
        verdicts.Add(new Prompt(Any.Window(sensor, 1), "a1="), new Verdict(Any.Window(sensor, 1), Judge.Model, double.NaN, 0.5, [], NotJudgedReason.Warming));
        var why = await AskAsync("explain", 200, $$"""{"sensor":"{{sensor.Id}}"}""");
        Assert.Equal(("warming", null, null), ((string?)why["notJudged"], why["score"], why["probabilities"]));
    }

    [Fact]
    public async Task CaptureWindow_asks_the_Windows_stage_and_shows_missing_samples_as_null()
    {
        Run();
        var asked = AskAsync("captureWindow", 200, """{"sensor":"plant/p1"}""");
        var question = Assert.IsType<WindowQuestion>(await channels.Questions.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal("plant/p1", question.SensorId);
        question.Answer.SetResult(new CapturedWindow(Any.Sensor(), [new(Any.Noon.UtcTicks, 1.5), new(Any.Noon.AddSeconds(1).UtcTicks, double.NaN)]));
        Assert.Equal("""[["2026-11-24T12:00:00+00:00",1.5],["2026-11-24T12:00:01+00:00",null]]""", (await asked)["samples"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public async Task CaptureWindow_behind_a_backlog_says_so()
    {
        Run();
        var asked = AskAsync("captureWindow", 504, """{"sensor":"plant/p1"}""");
        await channels.Questions.Reader.ReadAsync(TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("backlog", (string)(await asked)["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Maintenance_goes_the_way_of_the_readings_and_says_until_when_it_lasts()
    {
        Run();
        var asked = AskAsync("maintenance", 200, Maintenance("\"02:00:00\""));
        var command = Assert.IsType<MaintenanceCommand>(await channels.Questions.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("p1", "Ada", Any.Noon, TimeSpan.FromHours(2)), (command.Asset, command.By, command.At, command.For));
        command.Answer.SetResult(new MaintenanceResult(200, "", Any.Noon.AddHours(2)));
        Assert.Equal((true, "2026-11-24T14:00:00Z"), ((bool)(await asked)["outOfService"]!, (string)(await asked)["outOfServiceUntil"]!));
        var ended = AskAsync("maintenance", 200, Maintenance("\"00:00:00\""));
        Assert.IsType<MaintenanceCommand>(await channels.Questions.Reader.ReadAsync(TestContext.Current.CancellationToken)).Answer.SetResult(new MaintenanceResult(200, ""));
        Assert.False((bool)(await ended)["outOfService"]!);
        var refused = AskAsync("maintenance", 404, Maintenance("\"7.00:00:00\""));
        Assert.IsType<MaintenanceCommand>(await channels.Questions.Reader.ReadAsync(TestContext.Current.CancellationToken)).Answer.SetResult(new MaintenanceResult(404, "There is no such asset."));
        await refused;
    }

    [Theory]
    [InlineData("\"7.00:00:01\"")]
    [InlineData("\"-00:00:01\"")]
    [InlineData("\"2h\"")]
    [InlineData("7200")]
    [InlineData("null")]
    public async Task Maintenance_takes_no_other_time_than_one_of_up_to_seven_days(string time)
    {
        Run();
        Assert.Contains("up to 7 days", (string)(await AskAsync("maintenance", 400, Maintenance(time)))["error"]!, StringComparison.Ordinal);
        Assert.Contains("asset or by is missing", (string)(await AskAsync("maintenance", 400, $$"""{ "asset": "p1", "for": {{time}} }"""))["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_level_is_set_and_told_by_IoT_Edges_names()
    {
        Assert.Equal("debug", (string)(await AskAsync("logLevel", 200, """{"level":"debug"}"""))["level"]!);
        Assert.Equal(LogLevel.Debug, logging.Level);
        await AskAsync("logLevel", 400, """{"level":"loud"}""");
        await AskAsync("logLevel", 400, """{"level":5}""");
        Assert.Equal("debug", (string)(await AskAsync("logLevel", 200))["level"]!);
    }

    private static string Maintenance(string time) => $$"""{ "asset": "p1", "by": "Ada", "for": {{time}} }""";

    private void Run() => state.Running = Any.Running(store, clock) with { Verdicts = verdicts, Channels = channels };

    private async Task<JsonObject> AskAsync(string name, int status, string payload = "{}")
    {
        var answer = await dispatcher.RunAsync(name, Encoding.UTF8.GetBytes(payload), isLocal: false, TestContext.Current.CancellationToken);
        var text = Encoding.UTF8.GetString(answer.ToBytes());
        Assert.True(answer.Status == status, $"{name} answers {answer.Status}: {text}");
        var schema = await JsonSchema.FromFileAsync(Path.Combine(SharedFolder.RepositoryRoot, "docs", "formats", "commands", status < 300 ? $"{name}.schema.json" : "error.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(text));
        return JsonNode.Parse(text)!.AsObject();
    }
}
