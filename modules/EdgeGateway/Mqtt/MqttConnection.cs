using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using Polly;
using Polly.Retry;

namespace EdgeGateway.Mqtt;

/// <summary>
/// One connection that is kept for ever: after a loss it is made again with full jitter, files and tokens read anew each time. A cause is logged once, not at every attempt.
/// Each attempt has an MQTTnet client of its own, so that no late event of an earlier one can end it.
/// </summary>
/// <param name="received">Takes the messages, one after the other; null when nothing is subscribed.</param>
internal sealed class MqttConnection(MqttRoute route, Func<MqttApplicationMessageReceivedEventArgs, Task>? received, TimeProvider clock, Random jitter, ILogger logger)
{
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);
    private readonly Backoff backoff = new(route.Delays, jitter);
    private readonly RivalWatch rivals = new();
    private volatile MqttLink? link;
    private string? lastCause;

    /// <summary>Under which name it connects.</summary>
    public string ClientId => route.ClientId;

    /// <summary>MQTTnet's client of the connection in force.</summary>
    /// <exception cref="MqttCommunicationException">There is no connection now.</exception>
    public IMqttClient Client => link?.Client ?? throw new MqttCommunicationException($"there is no connection to the {route.Peer}");

    /// <summary>Whether the other side of the connection in force keeps retained messages.</summary>
    public bool KeepsRetained => link?.KeepsRetained ?? true;

    /// <summary>Connects and reconnects until the token is cancelled; then disconnects so that the other side keeps the session.</summary>
    public async Task RunAsync(MqttConnectionEvents events, CancellationToken token)
    {
        try
        {
            while (true)
            {
                var opened = await NewPipeline(events).ExecuteAsync(async attempt => await OpenAsync(events, attempt), token);
                var since = clock.GetTimestamp();
                var reason = await opened.Ended.WaitAsync(token);
                if (await EndAsync(opened, reason, clock.GetElapsedTime(since), events) is { } delay)
                {
                    await Task.Delay(delay, clock, token);
                }
            }
        }
        finally
        {
            await LeaveAsync(events);
        }
    }

    /// <summary>Gives up the connection in force, so that a new one is made: for a peer that answers pings and nothing else.</summary>
    public Task DropAsync(string reason)
    {
        link?.Drop(reason, renew: false);
        return DisconnectAsync(CancellationToken.None);
    }

    /// <summary>Ends the connection in force to make another at once.</summary>
    public Task RenewAsync()
    {
        link?.Drop("the connection is renewed", renew: true);
        return DisconnectAsync(CancellationToken.None);
    }

    /// <summary>Ends the run with a fault, unless there is no connection: then the attempts to make one show it.</summary>
    public void Fail(Exception fault) => link?.Fail(fault);

    /// <summary>A connection ended; gives how long to wait before the next, null for one that is only renewed.</summary>
    private async Task<TimeSpan?> EndAsync(MqttLink ended, string reason, TimeSpan lasted, MqttConnectionEvents events)
    {
        var doing = events.Doing();
        backoff.Lasted(lasted);
        rivals.Ended(lasted, byUs: ended.IsDropped);
        Close();
        await events.Lost(reason);
        if (ended.IsRenewed)
        {
            return null;
        }

        Say(Named(doing.Length > 0 ? $"{reason}, while {doing}" : reason), events);
        return backoff.Next(refused: rivals.IsLikely);
    }

    private string Named(string reason) => rivals.IsLikely
        ? $"another client seems to connect under the same identity, {route.ClientId}: connections were accepted and ended within seconds, again and again; stop the other one"
        : reason;

    private async Task<MqttLink> OpenAsync(MqttConnectionEvents events, CancellationToken token)
    {
        backoff.Attempted();
        using var patience = new CancellationTokenSource(route.Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        var opening = new MqttLink(route.MostWaiting, received);
        try
        {
            var options = await route.Options(either.Token);
            var sessionPresent = await opening.ConnectAsync(options, route.Peer, either.Token);
            patience.CancelAfter(route.Patience);
            link = opening;
            events.Accepted(sessionPresent);
            opening.Begin();
            await ReadyAsync(opening, events, either.Token);
            lastCause = null;
            logger.Connected(route.ClientId, route.Host, route.Port, sessionPresent);
            return opening;
        }
        catch (Exception e)
        {
            if (e is MqttRefusedException refused)
            {
                route.Refused(refused.Code);
            }

            var cause = patience.IsCancellationRequested ? $"the {route.Peer} has not answered for {route.Patience.TotalSeconds} seconds" : Explain(e);
            await GiveUpAsync(opening, cause, events);
            token.ThrowIfCancellationRequested();
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException(cause);
            }

            throw;
        }
    }

    /// <summary>What the owner does with a new connection ends with the connection: an answer that it waits for would never come.</summary>
    private static async Task ReadyAsync(MqttLink opening, MqttConnectionEvents events, CancellationToken token)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(token);
        var ready = events.Connected(cut.Token);
        if (await Task.WhenAny(ready, opening.Ended) != ready)
        {
            await cut.CancelAsync();
            await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new MqttCommunicationException(await opening.Ended);
        }

        await ready;
    }

    /// <summary>Ends an attempt that failed; one that had been accepted is a connection that was lost.</summary>
    private async Task GiveUpAsync(MqttLink opening, string cause, MqttConnectionEvents events)
    {
        var wasAccepted = link is not null;
        if (wasAccepted && !opening.IsDropped && !opening.Client.IsConnected)
        {
            // the other side ended it before it was ready for use
            rivals.Ended(TimeSpan.Zero, byUs: false);
        }

        await LeaveAsync(events with { Closing = _ => Task.CompletedTask });
        opening.Dispose();
        if (wasAccepted)
        {
            await events.Lost(cause);
        }
    }

    private ResiliencePipeline NewPipeline(MqttConnectionEvents events) => new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            ShouldHandle = new PredicateBuilder().Handle<Exception>(MqttFailure.IsEnvironment),
            DelayGenerator = retry => ValueTask.FromResult<TimeSpan?>(backoff.Next(refused: rivals.IsLikely || retry.Outcome.Exception is MqttRefusedException)),
            OnRetry = retry =>
            {
                Say(Named(Explain(retry.Outcome.Exception!)), events);
                return ValueTask.CompletedTask;
            },
        })
        .Build();

    private string Explain(Exception e) => route.Explain(e) ?? MqttFailure.Cause(e);

    private void Say(string cause, MqttConnectionEvents events)
    {
        if (cause != lastCause)
        {
            lastCause = cause;
            logger.NotConnected(route.ClientId, route.Host, route.Port, cause);
            events.Trouble(cause);
        }
    }

    /// <summary>Ends the connection in force, and returns when no message of it is being taken any more.</summary>
    private async Task LeaveAsync(MqttConnectionEvents events)
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
                await events.Closing(patience.Token);
            }
            catch (Exception e) when (MqttFailure.IsEnvironment(e))
            {
                // the connection went away before we did: the broker publishes the will
                Say(MqttFailure.Cause(e), events);
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
        catch (Exception e) when (MqttFailure.IsEnvironment(e))
        {
            // it is gone already, which is what was wanted
        }
    }

    private void Close()
    {
        link?.Dispose();
        link = null;
    }
}
