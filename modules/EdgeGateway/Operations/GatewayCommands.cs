using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Alerts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Windows;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Operations;

/// <summary>The commands that every gateway has. Form of payloads and answers: docs/formats/commands.</summary>
internal sealed class GatewayCommands(GatewayState state, LogSwitch logging, TimeProvider clock, ILogger<GatewayCommands> logger)
{
    private const int LongestSensorId = 256;
    private const int MostWarming = 50;

    private readonly DateTimeOffset started = clock.GetUtcNow();

    /// <summary>Version of this gateway.</summary>
    public static string Version { get; } = typeof(GatewayCommands).Assembly.GetName().Version!.ToString(3);

    /// <summary>All of them.</summary>
    public IEnumerable<GatewayCommand> All() =>
    [
        new("ping", [], (_, _) => Answer(Ping())),
        new("status", [], (_, _) => Answer(CommandAnswer.Ok(Status()))),
        new("getConfig", [], (_, _) => Answer(GetConfig())),
        new("explain", ["sensor"], (request, _) => Answer(Explain(request.Payload))),
        new("captureWindow", ["sensor"], CaptureAsync),
        new("logLevel", ["level"], (request, _) => Answer(SetLogLevel(request.Payload))),
    ];

    /// <summary>What the gateway is doing.</summary>
    public JsonObject Status()
    {
        var status = new JsonObject
        {
            ["version"] = Version,
            ["time"] = clock.GetUtcNow(),
            ["uptimeSeconds"] = (long)(clock.GetUtcNow() - started).TotalSeconds,
            ["state"] = state.Running is null ? "waiting for settings" : "running",
            ["logLevel"] = LogLevels.NameOf(logging.Level),
        };
        if (state.Running is { } running)
        {
            status["gateway"] = running.Settings.Gateway;
            status["runningSince"] = running.Since;
            status["model"] = running.Model.Name;
            status["mode"] = running.Settings.Alerts.ModeName;
            status["warming"] = Warming(running);
            status["counters"] = new JsonObject(Counters(running).Select(c => KeyValuePair.Create<string, JsonNode?>(c.Key, c.Value)));
        }

        if (state.Hub is { } hub)
        {
            status["hub"] = JsonSerializer.SerializeToNode(hub, JsonSerializerOptions.Web);
        }

        status["sections"] = new JsonObject(state.Sections.Select(s => KeyValuePair.Create<string, JsonNode?>(s.Key, s.Value.ToJson())));
        return status;
    }

    /// <summary>How many sensors are not judged yet because they are too new, and by when they are, in event time; the ones that take longest first.</summary>
    private static JsonObject Warming(RunningGateway running)
    {
        var warming = running.Verdicts.Warming(running.Model.MinimumSamples).OrderByDescending(w => w.Until).ThenBy(w => w.Sensor, StringComparer.Ordinal).ToList();
        return new JsonObject
        {
            ["sensors"] = warming.Count,
            ["longest"] = new JsonArray([.. warming.Take(MostWarming).Select(w => new JsonObject { ["sensor"] = w.Sensor, ["until"] = w.Until })]),
        };
    }

    /// <summary>A small part of the status, once an hour: it tells a dead gateway from a quiet one.</summary>
    public JsonObject Heartbeat()
    {
        var status = Status();
        var counters = status["counters"] as JsonObject ?? [];
        return new JsonObject
        {
            ["time"] = clock.GetUtcNow(),
            ["version"] = Version,
            ["state"] = status["state"]!.DeepClone(),
            ["uptimeSeconds"] = status["uptimeSeconds"]!.DeepClone(),
            ["received"] = counters["received"]?.DeepClone() ?? 0,
            ["judged"] = counters["windows.judged"]?.DeepClone() ?? 0,
            ["transitions"] = counters["transitions"]?.DeepClone() ?? 0,
            ["pending"] = counters.Where(c => c.Key.StartsWith("transitions.pending.", StringComparison.Ordinal)).Sum(c => (long)c.Value!),
        };
    }

    /// <summary>Those of the stages, and those of what outlives them; without the stages' own in the moment in which they are let go.</summary>
    private IEnumerable<KeyValuePair<string, long>> Counters(RunningGateway running)
    {
        var ofProcess = GatewayCounters.Read(state.Accounting);
        try
        {
            return ofProcess.Concat(GatewayCounters.Read(running.Accounting, running.Store)).DistinctBy(c => c.Key);
        }
        catch (Exception e) when (e is StorageException or InvalidOperationException)
        {
            return ofProcess;
        }
    }

    private CommandAnswer Ping() => CommandAnswer.Ok(new JsonObject { ["time"] = clock.GetUtcNow(), ["version"] = Version });

    private CommandAnswer GetConfig() => state.Settings is { } settings
        ? CommandAnswer.Ok(new JsonObject(settings.Sections.Select(s => KeyValuePair.Create<string, JsonNode?>(
            s.Name, new JsonObject { ["from"] = s.Origin, ["value"] = WithoutQueries(JsonNode.Parse(s.Value.GetRawText())) }))))
        : CommandAnswer.NotRunning;

    /// <summary>The query of an address is a secret: a shared access signature.</summary>
    private static JsonNode? WithoutQueries(JsonNode? value)
    {
        foreach (var inner in value is JsonObject entries ? entries.ToList() : [])
        {
            if (inner is { Key: "query", Value: JsonValue })
            {
                value![inner.Key] = "(hidden)";
            }
            else
            {
                WithoutQueries(inner.Value);
            }
        }

        return value;
    }

    private CommandAnswer Explain(JsonObject payload)
    {
        if (SensorOf(payload) is not { } sensor)
        {
            return NoSensorNamed("explain");
        }

        return state.Running is not { } running ? CommandAnswer.NotRunning
            : running.Verdicts.TryFind(sensor, out var last) ? CommandAnswer.Ok(Explanation.Of(last.Prompt, last.Verdict, running.Model))
            : CommandAnswer.Refused(404, "No window of this sensor has been judged since the gateway was started.");
    }

    private async Task<CommandAnswer> CaptureAsync(CommandRequest request, CancellationToken token)
    {
        if (SensorOf(request.Payload) is not { } sensor)
        {
            return NoSensorNamed("captureWindow");
        }

        if (state.Running is not { } running)
        {
            return CommandAnswer.NotRunning;
        }

        var answer = new TaskCompletionSource<CapturedWindow?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = running.AskAsync(new WindowQuestion(sensor, answer), answer.Task, clock, token);
        return await asked is { } window ? CommandAnswer.Ok(Captured(window))
            : answer.Task.IsCompleted ? CommandAnswer.Refused(404, "No sensor of this id has sent anything yet.")
            : CommandAnswer.TooBusy;
    }

    private CommandAnswer SetLogLevel(JsonObject payload)
    {
        if (payload["level"] is { } wanted)
        {
            if (LogLevels.Parse(wanted is JsonValue value && value.TryGetValue(out string? name) ? name : null) is not { } level)
            {
                return CommandAnswer.Refused(400, "level is none of fatal, error, warning, info, debug, verbose.");
            }

            logging.Level = level;
            logger.LogLevelSet(LogLevels.NameOf(level));
        }

        return CommandAnswer.Ok(new JsonObject { ["level"] = LogLevels.NameOf(logging.Level) });
    }

    private static JsonObject Captured(CapturedWindow window) => new()
    {
        ["sensor"] = window.Sensor.Id,
        ["asset"] = window.Sensor.Asset,
        ["source"] = window.Sensor.Source.Name,
        ["unit"] = window.Sensor.Unit,
        ["samples"] = new JsonArray([.. window.Samples.Select(s => new JsonArray(new DateTimeOffset(s.Ticks, TimeSpan.Zero), double.IsNaN(s.Value) ? null : s.Value))]),
    };

    private static string? SensorOf(JsonObject payload) => payload["sensor"] is JsonValue value && value.TryGetValue(out string? sensor) && sensor.Length is > 0 and <= LongestSensorId ? sensor : null;

    private static CommandAnswer NoSensorNamed(string command) => CommandAnswer.Refused(400, $"sensor is missing or no text of 1 to {LongestSensorId} characters; send {{ \"sensor\": \"line-1/pump-1/pressure\" }} to {command}.");

    private static Task<CommandAnswer> Answer(CommandAnswer answer) => Task.FromResult(answer);
}
