using System.Collections.Concurrent;
using Hubstand.Identities;

namespace Hubstand.Hub;

/// <summary>The answer of a module to a direct method, or 404 (not connected) and 504 (no answer) in its stead.</summary>
/// <param name="Payload">JSON, or empty.</param>
public sealed record MethodResult(int Status, ReadOnlyMemory<byte> Payload);

/// <summary>Direct methods, relayed to who is connected.</summary>
internal sealed class DirectMethods(HubContext hub, ClientTable clients)
{
    /// <summary>What a caller may set.</summary>
    public static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(5), LongestTimeout = TimeSpan.FromSeconds(300);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<MethodResult>> waiting = new(StringComparer.Ordinal);

    /// <summary>Invokes a method and waits for its answer.</summary>
    public async Task<MethodResult> InvokeAsync(IdentityName name, string method, ReadOnlyMemory<byte> payload, TimeSpan timeout, CancellationToken token)
    {
        var requestId = Guid.NewGuid().ToString("N");
        var answer = waiting[requestId] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var lost = hub.Switches.LoseMethods.Take();
            var topic = $"$iothub/methods/POST/{method}/?$rid={requestId}";
            if (hub.Switches.Offline || (!lost && clients.Of(name).Current?.TryPublish(SubscriptionKind.Methods, topic, payload) != true))
            {
                hub.Counters.Count(HubEvent.MethodFailed);
                return new MethodResult(404, default);
            }

            if (!lost && hub.Switches.RepeatMethods.Take())
            {
                clients.Of(name).Current?.TryPublish(SubscriptionKind.Methods, topic, payload);
            }

            var result = await answer.Task.WaitAsync(timeout, hub.Clock, token);
            hub.Counters.Count(HubEvent.MethodAnswered);
            return result;
        }
        catch (TimeoutException)
        {
            hub.Counters.Count(HubEvent.MethodFailed);
            return new MethodResult(504, default);
        }
        finally
        {
            waiting.TryRemove(requestId, out _);
        }
    }

    /// <summary>An answer came; those that nobody waits for are ignored.</summary>
    public void Answered(string requestId, int status, byte[] payload)
    {
        if (waiting.TryGetValue(requestId, out var answer))
        {
            answer.TrySetResult(new MethodResult(status, payload));
        }
    }
}
