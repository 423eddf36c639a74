using System.Buffers;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;

namespace EdgeGateway.Hub;

/// <summary>
/// The inputs of this module as a source of messages. It stands between the hub's client, which lives as long as the process, and the stages, which come and go under it: a
/// message that comes while they do not run waits for them, and for so long that edgeHub still waits too. Acknowledged when Ingest has taken it, also with <c>ack: durable</c>.
/// </summary>
internal sealed class HubInputSource(TimeProvider clock) : ISensorSource, IDisposable
{
    /// <summary>How long a message waits for the stages; edgeHub sends it again when it was not acknowledged for 30 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim oneAtATime = new(1, 1);
    private readonly Lock connectionGate = new();
    private TaskCompletionSource<Func<SensorMessage, ValueTask>> stages = NewSignal();
    private Action<SourceConnection>? connectionChanged;
    private bool connected;

    /// <summary>Takes a message that a route led to an input; returns once Ingest has it.</summary>
    /// <exception cref="HubException">It was not taken: it must come again.</exception>
    public async Task TakeAsync(InputMessage message, CancellationToken token)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            await oneAtATime.WaitAsync(either.Token);
            try
            {
                var take = await stages.Task.WaitAsync(either.Token);

                // edgeHub does not say which messages it sends a second time, so each may be one
                await take(new SensorMessage(
                    SensorMessage.AcknowledgedElsewhere, HubInput.TopicOf(message.Input), new ReadOnlySequence<byte>(message.Body), Retained: false, Redelivered: true, message.ReceivedAt));
            }
            finally
            {
                oneAtATime.Release();
            }
        }
        catch (Exception e) when (!token.IsCancellationRequested)
        {
            // too long a wait, or a stage that failed, of which the stages' owner hears by itself
            throw new HubException(HubFault.Unavailable, $"A message of the input {message.Input} was not taken.", e);
        }
    }

    /// <summary>Told by the owner of the hub's client: without a connection nobody is silent.</summary>
    public void ConnectionChanged(bool isConnected)
    {
        lock (connectionGate)
        {
            connected = isConnected;
            connectionChanged?.Invoke(Connection());
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(Func<SensorMessage, ValueTask> take, Action<SourceConnection> connectionChanged, CancellationToken token)
    {
        lock (connectionGate)
        {
            this.connectionChanged = connectionChanged;
            connectionChanged(Connection());
        }

        stages.TrySetResult(take);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, token);
        }
        finally
        {
            // what is being taken is taken to its end; what comes then waits for the next stages
            await oneAtATime.WaitAsync(CancellationToken.None);
            stages = NewSignal();
            oneAtATime.Release();
            lock (connectionGate)
            {
                this.connectionChanged = null;
            }
        }
    }

    /// <summary>Nothing is subscribed: routes of the deployment decide what comes.</summary>
    public Task UseAsync(GatewaySettings settings, CancellationToken token) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask AcknowledgeAsync(long throughNumber, CancellationToken token) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => oneAtATime.Dispose();

    private SourceConnection Connection() => new(connected, SessionPresent: true, clock.GetUtcNow(), "", OfInputs: true);

    private static TaskCompletionSource<Func<SensorMessage, ValueTask>> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
