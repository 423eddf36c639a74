using System.Security.Cryptography;
using System.Text;
using EdgeGateway.Stages;

namespace EdgeGateway.Hub;

/// <summary>
/// Direct methods as they come over one connection: a bounded number runs at once, and one that comes twice under its request id is run once and answered twice. Request ids
/// count from 1 again with each connection, so what is known is known for one connection only.
/// </summary>
/// <param name="handler">Answers a method.</param>
/// <param name="respond">Sends an answer under its request id; never throws.</param>
/// <param name="closed">Cancelled when the connection is gone: nobody waits for an answer any more.</param>
internal sealed class MethodCalls(
    Func<MethodRequest, CancellationToken, Task<MethodResponse>> handler, Func<string, MethodResponse, Task> respond, Accounting accounting, TimeProvider clock, CancellationToken closed)
{
    private const int MostAtOnce = 8;
    private const int LargestPayload = 128 << 10;
    private const int MostRemembered = 64;

    /// <summary>The longest time that a caller can ask to wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);
    private readonly Lock gate = new();
    private readonly Dictionary<string, Call> known = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();
    private int running;

    /// <summary>Takes a request and returns at once; the payload is kept.</summary>
    /// <returns>Completes once it is answered.</returns>
    public Task TakeAsync(string name, string requestId, ReadOnlyMemory<byte> payload)
    {
        var digest = SHA256.HashData([.. Encoding.UTF8.GetBytes(name), 0, .. payload.Span]);
        Call call;
        lock (gate)
        {
            if (known.TryGetValue(requestId, out var before) && before.Digest.AsSpan().SequenceEqual(digest))
            {
                accounting.Of("hub.methods", reason: "repeated").Add();
                return before.Answer is { } answer ? respond(requestId, answer) : before.Task;
            }

            if (Refusal(payload.Length) is { } refusal)
            {
                accounting.Of("hub.methods", reason: refusal.Status == 413 ? "too large" : "too many at once").Add();
                return respond(requestId, refusal);
            }

            running++;
            call = Remember_NeedsLock(requestId, digest);
            accounting.Of("hub.methods", reason: "run").Add();
        }

        return call.Task = RunAsync(call, requestId, new MethodRequest(name, payload));
    }

    private MethodResponse? Refusal(int bytes) =>
        bytes > LargestPayload ? Error(413, $"the payload has {bytes} bytes; at most {LargestPayload} are possible")
        : running >= MostAtOnce ? Error(429, $"{MostAtOnce} methods are running; call again later")
        : null;

    private async Task RunAsync(Call call, string requestId, MethodRequest request)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(closed, patience.Token);
        MethodResponse answer;
        try
        {
            answer = await handler(request, either.Token);
            answer = answer.Payload.Length > LargestPayload ? Error(500, $"the answer has {answer.Payload.Length} bytes; at most {LargestPayload} are possible") : answer;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            answer = Error(504, $"not done within {Patience.TotalSeconds} seconds");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // whatever one caller's request did, the gateway goes on
            answer = Error(500, "the method failed");
            accounting.Of("hub.methods", reason: "failed").Add();
        }

        lock (gate)
        {
            running--;
            call.Answer = answer;
        }

        if (!closed.IsCancellationRequested)
        {
            await respond(requestId, answer);
        }
    }

    private Call Remember_NeedsLock(string requestId, byte[] digest)
    {
        while (order.Count >= MostRemembered)
        {
            known.Remove(order.Dequeue());
        }

        if (!known.ContainsKey(requestId))
        {
            order.Enqueue(requestId);
        }

        return known[requestId] = new Call(digest);
    }

    private static MethodResponse Error(int status, string text) => new(status, Encoding.UTF8.GetBytes($$"""{"error":"{{text}}"}"""));

    private sealed class Call(byte[] digest)
    {
        public byte[] Digest { get; } = digest;

        public MethodResponse? Answer { get; set; }

        public Task Task { get; set; } = Task.CompletedTask;
    }
}
