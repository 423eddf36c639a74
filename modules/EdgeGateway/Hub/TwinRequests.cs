using System.Collections.Concurrent;
using System.Text.Json;
using EdgeGateway.Stages;

namespace EdgeGateway.Hub;

/// <summary>The requests about the twin that wait for an answer, by request id. Answers come late, twice or never; those that nobody waits for are counted and ignored.</summary>
internal sealed class TwinRequests(TimeProvider clock, Accounting accounting)
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(int Status, ReadOnlyMemory<byte> Body)>> waiting = new(StringComparer.Ordinal);

    /// <summary>Sends a request and gives the body of its answer.</summary>
    /// <param name="send">Gets the request id.</param>
    /// <exception cref="HubException">No answer, or a refusal.</exception>
    public async Task<ReadOnlyMemory<byte>> AskAsync(Func<string, Task> send, CancellationToken token)
    {
        var requestId = Guid.NewGuid().ToString("N");
        var answer = waiting[requestId] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await send(requestId);
            var (status, body) = await answer.Task.WaitAsync(Patience, clock, token);
            return status is >= 200 and < 300 ? body : throw Refusal(status, body.Span);
        }
        catch (TimeoutException e)
        {
            throw new HubException(HubFault.Unavailable, $"the hub has not answered about the twin for {Patience.TotalSeconds} seconds", e);
        }
        finally
        {
            waiting.TryRemove(requestId, out _);
        }
    }

    /// <summary>An answer came.</summary>
    public void Answer(int status, string requestId, ReadOnlyMemory<byte> body)
    {
        if (!waiting.TryRemove(requestId, out var request) || !request.TrySetResult((status, body)))
        {
            accounting.Of("hub.ignored", reason: "twin answer that nobody waits for").Add();
        }
    }

    /// <summary>The connection is gone: answers to what was asked over it will not come.</summary>
    public void Fail(string reason)
    {
        foreach (var requestId in waiting.Keys)
        {
            if (waiting.TryRemove(requestId, out var request))
            {
                request.TrySetException(new HubException(HubFault.Unavailable, reason));
            }
        }
    }

    /// <summary>By the status alone: edgeHub's refusals have no body.</summary>
    private static HubException Refusal(int status, ReadOnlySpan<byte> body) => new(
        status == 429 || status >= 500 ? HubFault.Throttled : HubFault.Refused, $"the hub answered {status} about the twin{Message(body)}");

    private static string Message(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return JsonElement.TryParseValue(ref reader, out var error) && error is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
                ? $": {new string([.. message.GetString()!.Where(c => !char.IsControl(c)).Take(200)])}"
                : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}
