using System.Security.Cryptography;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using Polly;
using Polly.Retry;

namespace EdgeGateway.Mqtt;

/// <summary>
/// One connection that is kept for ever: after a loss it is made again with full jitter (0.5 s doubling, at most 30 s), files read anew each time. A cause is logged once, not
/// at every attempt. Each attempt has an MQTTnet client of its own, so that no late event of an earlier one can end it.
/// </summary>
/// <param name="prepare">Adds what this connection needs to the common options.</param>
/// <param name="received">Takes the messages, one after the other; null when nothing is subscribed.</param>
internal sealed class MqttConnection(
    BrokerSettings broker, string clientId, Action<MqttClientOptionsBuilder> prepare, Func<MqttApplicationMessageReceivedEventArgs, Task>? received, TimeProvider clock, Random jitter, ILogger logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);
    private volatile MqttLink? link;
    private string? lastCause;
    private int attempts;

    /// <summary>MQTTnet's client of the connection in force.</summary>
    /// <exception cref="MqttCommunicationException">There is no connection now.</exception>
    public IMqttClient Client => link?.Client ?? throw new MqttCommunicationException("there is no connection to the broker");

    /// <summary>Connects and reconnects until the token is cancelled; then disconnects so that the broker keeps the session.</summary>
    public async Task RunAsync(MqttConnectionEvents events, CancellationToken token)
    {
        try
        {
            while (true)
            {
                var opened = await NewPipeline().ExecuteAsync(async attempt => await OpenAsync(events, attempt), token);
                var since = clock.GetTimestamp();
                var reason = await opened.Ended.WaitAsync(token);
                attempts = clock.GetElapsedTime(since) > Stable ? 0 : attempts;
                Close();
                events.Lost(reason);
                Say(reason);
                await Task.Delay(Delay(), clock, token);
            }
        }
        finally
        {
            await LeaveAsync(events.Closing);
        }
    }

    /// <summary>Gives up the connection in force, so that a new one is made: for a broker that answers pings and nothing else.</summary>
    public Task DropAsync() => DisconnectAsync(CancellationToken.None);

    private async Task<MqttLink> OpenAsync(MqttConnectionEvents events, CancellationToken token)
    {
        attempts++;
        var builder = MqttOptions.For(broker, clientId);
        prepare(builder);
        var opening = new MqttLink(broker.ReceiveMaximum, received);
        using var patience = new CancellationTokenSource(MqttOptions.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            var sessionPresent = await opening.ConnectAsync(builder.Build(), either.Token);
            link = opening;
            events.Accepted(sessionPresent);
            opening.Begin();
            await events.Connected(either.Token);
            lastCause = null;
            logger.Connected(clientId, broker.Host, broker.Port, sessionPresent);
            return opening;
        }
        catch (Exception e)
        {
            var cause = patience.IsCancellationRequested ? $"the broker has not answered for {MqttOptions.Timeout.TotalSeconds} seconds" : Cause(e);
            await GiveUpAsync(opening, cause, events);
            token.ThrowIfCancellationRequested();
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException(cause);
            }

            throw;
        }
    }

    /// <summary>Ends an attempt that failed; one that had been accepted is a connection that was lost.</summary>
    private async Task GiveUpAsync(MqttLink opening, string cause, MqttConnectionEvents events)
    {
        var wasAccepted = link is not null;
        await LeaveAsync(_ => Task.CompletedTask);
        opening.Dispose();
        if (wasAccepted)
        {
            events.Lost(cause);
        }
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

    /// <summary>Whether a call failed because of the world outside, so that it may succeed later. A broken disk is not waited out.</summary>
    internal static bool IsEnvironment(Exception e) =>
        e is not StorageException { Fault: not StorageFault.Full }
        && (e is MqttCommunicationException or MqttProtocolViolationException or IOException or UnauthorizedAccessException or TimeoutException or CryptographicException or System.Net.Sockets.SocketException or OperationCanceledException
            || IsCutOff(e));

    /// <summary>MQTTnet lets go of its parts when a connection ends; a call that is under way then fails with one of these.</summary>
    private static bool IsCutOff(Exception e) => e is InvalidOperationException or NullReferenceException;

    private static string Cause(Exception e) => IsCutOff(e) ? "the connection ended" : e.GetBaseException() is var deepest && deepest.Message.Length > 0 ? deepest.Message : e.Message;

    private void Say(string cause)
    {
        if (cause != lastCause)
        {
            lastCause = cause;
            logger.NotConnected(clientId, broker.Host, broker.Port, cause);
        }
    }

    /// <summary>Ends the connection in force, and returns when no message of it is being taken any more.</summary>
    private async Task LeaveAsync(Func<CancellationToken, Task> closing)
    {
        if (link is not { } leaving)
        {
            return;
        }

        using var patience = new CancellationTokenSource(ClosingTime, clock);
        if (leaving.Client.IsConnected)
        {
            try
            {
                await closing(patience.Token);
            }
            catch (Exception e) when (IsEnvironment(e))
            {
                // the connection went away before we did: the broker publishes the will
                Say(Cause(e));
            }
        }

        await DisconnectAsync(patience.Token);
        try
        {
            await leaving.Ended;
        }
        finally
        {
            Close();
        }
    }

    private async Task DisconnectAsync(CancellationToken token)
    {
        try
        {
            await (link?.Client.DisconnectAsync(new MqttClientDisconnectOptions(), token) ?? Task.CompletedTask);
        }
        catch (Exception e) when (IsEnvironment(e))
        {
            // it is gone already, which is what was wanted
            Say(Cause(e));
        }
    }

    private void Close()
    {
        link?.Dispose();
        link = null;
    }
}
