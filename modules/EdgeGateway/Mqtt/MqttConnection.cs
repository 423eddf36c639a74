using System.Security.Cryptography;
using EdgeGateway.Settings;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using Polly;
using Polly.Retry;

namespace EdgeGateway.Mqtt;

/// <summary>
/// One connection that is kept for ever: after a loss it is made again with full jitter (0.5 s doubling, at most 30 s), files read anew each time. A cause is logged once, not
/// at every attempt.
/// </summary>
/// <param name="prepare">Adds what this connection needs to the common options.</param>
internal sealed class MqttConnection(BrokerSettings broker, string clientId, Action<MqttClientOptionsBuilder> prepare, TimeProvider clock, Random jitter, ILogger logger) : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);
    private string? lastCause;
    private int attempts;

    /// <summary>MQTTnet's client; its handlers are set before <see cref="RunAsync"/>.</summary>
    public IMqttClient Client { get; } = new MqttClientFactory().CreateMqttClient();

    /// <summary>Connects and reconnects until the token is cancelled; then disconnects so that the broker keeps the session.</summary>
    /// <param name="connected">Runs after each connect, before anything else; when it throws, the connection is made again.</param>
    /// <param name="lost">Told the reason after each loss.</param>
    /// <param name="closing">Runs at the end, while still connected.</param>
    public async Task RunAsync(
        Func<MqttClientConnectResult, CancellationToken, Task> connected, Action<string> lost, Func<CancellationToken, Task> closing, CancellationToken token)
    {
        var ended = NewSignal();
        Client.DisconnectedAsync += args =>
        {
            ended.TrySetResult(args.Exception?.Message ?? (args.ReasonString is { Length: > 0 } said ? said : "the broker closed the connection"));
            return Task.CompletedTask;
        };
        try
        {
            while (true)
            {
                ended = NewSignal();
                await NewPipeline().ExecuteAsync(async attempt => await ConnectAsync(connected, attempt), token);
                var since = clock.GetTimestamp();
                var reason = await ended.Task.WaitAsync(token);
                attempts = clock.GetElapsedTime(since) > Stable ? 0 : attempts;
                lost(reason);
                Say(reason);
            }
        }
        finally
        {
            await DisconnectAsync(closing);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();

    private async Task ConnectAsync(Func<MqttClientConnectResult, CancellationToken, Task> connected, CancellationToken token)
    {
        attempts++;
        var builder = MqttOptions.For(broker, clientId);
        prepare(builder);
        var result = await Client.ConnectAsync(builder.Build(), token);
        if (result.ResultCode != MqttClientConnectResultCode.Success)
        {
            throw new MqttCommunicationException($"the broker refused the connection: {result.ResultCode}");
        }

        await connected(result, token);
        lastCause = null;
        logger.Connected(clientId, broker.Host, broker.Port, result.IsSessionPresent);
    }

    private ResiliencePipeline NewPipeline() => new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            ShouldHandle = new PredicateBuilder().Handle<Exception>(IsEnvironment),
            DelayGenerator = _ => ValueTask.FromResult<TimeSpan?>(Delay()),
            OnRetry = retry =>
            {
                Say(Cause(retry.Outcome.Exception!));
                return ValueTask.CompletedTask;
            },
        })
        .Build();

    /// <summary>Full jitter: uniform between nothing and the doubled delay.</summary>
    private TimeSpan Delay() => Math.Min(LongestDelay.TotalSeconds, FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(attempts, 20))) * jitter.NextDouble() * TimeSpan.FromSeconds(1);

    private static bool IsEnvironment(Exception e) =>
        e is MqttCommunicationException or IOException or UnauthorizedAccessException or TimeoutException or CryptographicException or System.Net.Sockets.SocketException or InvalidOperationException or OperationCanceledException;

    private static string Cause(Exception e) => e.GetBaseException() is var deepest && deepest.Message.Length > 0 ? deepest.Message : e.Message;

    private void Say(string cause)
    {
        if (cause != lastCause)
        {
            lastCause = cause;
            logger.NotConnected(clientId, broker.Host, broker.Port, cause);
        }
    }

    private async Task DisconnectAsync(Func<CancellationToken, Task> closing)
    {
        if (!Client.IsConnected)
        {
            return;
        }

        using var patience = new CancellationTokenSource(ClosingTime, clock);
        try
        {
            await closing(patience.Token);
            await Client.DisconnectAsync(new MqttClientDisconnectOptions(), patience.Token);
        }
        catch (Exception e) when (IsEnvironment(e))
        {
            // the connection went away before we did: the broker publishes the will
            Say(Cause(e));
        }
    }

    private static TaskCompletionSource<string> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
