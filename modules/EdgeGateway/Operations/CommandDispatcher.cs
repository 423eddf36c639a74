using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Operations;

/// <summary>A command that people and programs may give: as a direct method of the hub, or over the local broker.</summary>
/// <param name="Keys">What its payload may hold.</param>
/// <param name="RunAsync">Carries it out; the payload is an object with no other keys than these.</param>
internal sealed record GatewayCommand(string Name, string[] Keys, Func<CommandRequest, CancellationToken, Task<CommandAnswer>> RunAsync);

/// <summary>What a command was given.</summary>
/// <param name="IsLocal">It came over the local broker, where anybody may pretend to be anybody.</param>
internal sealed record CommandRequest(JsonObject Payload, bool IsLocal)
{
    /// <summary>Characters of a name.</summary>
    public const int LongestName = 128;

    /// <summary>A text of 1 to <paramref name="most"/> characters, no control characters among them; null when it is missing or something else.</summary>
    public string? Text(string key, int most = LongestName) =>
        Payload[key] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 && text.Length <= most && !text.Any(char.IsControl) ? text : null;
}

/// <summary>The answer to a command.</summary>
/// <param name="Status">As in HTTP.</param>
internal sealed record CommandAnswer(int Status, JsonNode Body)
{
    /// <summary>Done.</summary>
    public static CommandAnswer Ok(JsonNode body) => new(200, body);

    /// <summary>Not done, and why.</summary>
    public static CommandAnswer Refused(int status, string error) => new(status, new JsonObject { ["error"] = error });

    /// <summary>There is nothing yet that could answer.</summary>
    public static CommandAnswer NotRunning => Refused(503, GatewayState.NotRunning);

    /// <summary>The stages did not get to it.</summary>
    public static CommandAnswer TooBusy => Refused(504, $"The stages have not answered for {RunningGateway.Patience.TotalSeconds} seconds: they work off a backlog; ask again later.");

    /// <summary>The answer as JSON in UTF-8.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(Body);
}

/// <summary>Finds and runs commands. Whatever is asked gets an answer; nothing that is asked can end the gateway.</summary>
internal sealed class CommandDispatcher(IEnumerable<GatewayCommand> commands, Accounting accounting, ILogger<CommandDispatcher> logger)
{
    /// <summary>Bytes of a payload that are looked at; the largest command needs far less.</summary>
    public const int LargestPayload = 16 * 1024;

    /// <summary>Bytes of an answer: what IoT Hub lets a direct method return.</summary>
    public const int LargestAnswer = 128 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly FrozenDictionary<string, GatewayCommand> byName = commands.ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);

    /// <summary>Runs a command with a payload as it came: empty, or a JSON object.</summary>
    /// <param name="isLocal">It came over the local broker.</param>
    public async Task<CommandAnswer> RunAsync(string name, ReadOnlyMemory<byte> payload, bool isLocal, CancellationToken token)
    {
        var answer = await AnswerAsync(name, payload, isLocal, token);
        if (answer.ToBytes() is { Length: > LargestAnswer } large)
        {
            answer = CommandAnswer.Refused(413, $"The answer has {large.Length} bytes, more than the {LargestAnswer} that can be returned.");
        }

        accounting.Of("commands", byName.ContainsKey(name) ? name : "other", answer.Status < 300 ? "" : "refused").Add();
        return answer;
    }

    private async Task<CommandAnswer> AnswerAsync(string name, ReadOnlyMemory<byte> payload, bool isLocal, CancellationToken token)
    {
        if (!byName.TryGetValue(name, out var command))
        {
            return CommandAnswer.Refused(501, $"There is no such command; there are {string.Join(", ", byName.Keys.Order(StringComparer.Ordinal))}.");
        }

        if (Parse(payload) is not { } read)
        {
            return CommandAnswer.Refused(400, $"The payload of {name} is not a JSON object of at most {LargestPayload} bytes; send {Example(command)}.");
        }

        if (read.Select(p => p.Key).Except(command.Keys).ToList() is { Count: > 0 })
        {
            return CommandAnswer.Refused(400, $"The payload of {name} has a key that is not known; send {Example(command)}.");
        }

        try
        {
            return await command.RunAsync(new CommandRequest(read, isLocal), token);
        }
        catch (Exception e) when (!token.IsCancellationRequested)
        {
            // a fault of ours: it is told to whoever asked and logged, and the gateway goes on judging
            logger.CommandFailed(name, e);
            return CommandAnswer.Refused(500, $"The command {name} failed: {e.Message}");
        }
    }

    private static JsonObject? Parse(ReadOnlyMemory<byte> payload)
    {
        var text = payload.Span.Trim(" \t\r\n"u8);
        if (text.IsEmpty || text.SequenceEqual("null"u8))
        {
            return [];
        }

        try
        {
            var read = text.Length <= LargestPayload ? JsonNode.Parse(text, documentOptions: Strict) as JsonObject : null;

            // half a surrogate pair is found only when the text is looked at
            read?.ToJsonString();
            return read;
        }
        catch (Exception foreign) when (foreign is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static string Example(GatewayCommand command) => command.Keys.Length == 0 ? "{}" : $"{{ \"{string.Join("\": ..., \"", command.Keys)}\": ... }}";
}
