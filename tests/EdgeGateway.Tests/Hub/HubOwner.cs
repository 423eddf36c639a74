using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;

namespace EdgeGateway.Tests.Hub;

/// <summary>Owns a hub client as the gateway does, and remembers what it was told.</summary>
internal sealed class HubOwner : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private int connects;

    public HubOwner(IHubClient client)
    {
        Client = client;
        OnConnected = token => client.GetTwinAsync(token);
    }

    public IHubClient Client { get; }

    public int Connects => Volatile.Read(ref connects);

    public ConcurrentQueue<string> Causes { get; } = new();

    public ConcurrentQueue<JsonObject> Desired { get; } = new();

    public ConcurrentQueue<InputMessage> Inputs { get; } = new();

    public ConcurrentQueue<MethodRequest> Invoked { get; } = new();

    /// <summary>What it does after a connect; reads the twin.</summary>
    public Func<CancellationToken, Task> OnConnected { get; set; }

    /// <summary>How it answers a method; with its payload.</summary>
    public Func<MethodRequest, CancellationToken, Task<MethodResponse>> OnMethod { get; set; } = (request, _) => Task.FromResult(new MethodResponse(200, request.Payload));

    /// <summary>What it does with an input beside remembering it.</summary>
    public Func<InputMessage, CancellationToken, Task> OnInput { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The client's run; ends by a fault or when disposed.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Lets the client run, without waiting for a connection.</summary>
    public HubOwner Start()
    {
        var handlers = new HubHandlers(ConnectedAsync, Causes.Enqueue, patch => Desired.Enqueue(JsonNode.Parse(patch.Span)!.AsObject()), MethodAsync, InputAsync);
        Running = Client.RunAsync(handlers, stopping.Token);
        return this;
    }

    /// <summary>Waits for so many connects in all.</summary>
    public Task ConnectedAsync(int times = 1) => Until.HoldsAsync(() => Connects >= times || Running.IsFaulted, $"connect number {times}; there were {Connects} ({string.Join(" | ", Causes)}) {Running.Exception}");

    /// <summary>Sends a message with this text as its body.</summary>
    public Task SendAsync(string id, string body = "{}", string output = "alerts", params (string, string)[] properties) => Client.SendAsync(
        new HubMessage(id, output, Encoding.UTF8.GetBytes(body), [.. properties.Select(p => KeyValuePair.Create(p.Item1, p.Item2))]), TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        (Client as IDisposable)?.Dispose();
        stopping.Dispose();
    }

    private async Task ConnectedAsync(CancellationToken token)
    {
        await OnConnected(token);
        Interlocked.Increment(ref connects);
    }

    private Task<MethodResponse> MethodAsync(MethodRequest request, CancellationToken token)
    {
        Invoked.Enqueue(request);
        return OnMethod(request, token);
    }

    private Task InputAsync(InputMessage message, CancellationToken token)
    {
        Inputs.Enqueue(message);
        return OnInput(message, token);
    }
}
