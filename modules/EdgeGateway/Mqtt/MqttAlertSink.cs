using System.Text;
using System.Text.Json;
using EdgeGateway.Delivery;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace EdgeGateway.Mqtt;

/// <summary>
/// The local broker as alert sink, on a connection of its own: every transition under <c>events</c>, the retained state of each alert under
/// <c>alerts/{alertId}</c> until it is cleared, birth and last will under <c>status</c>. All at QoS 1. What others do to the retained ones is restored.
/// </summary>
internal sealed class MqttAlertSink : IAlertSink, IDisposable
{
    private const string ContentType = "application/cloudevents+json; charset=utf-8";
    private static readonly TimeSpan StatusInterval = TimeSpan.FromMinutes(1);
    private readonly MqttConnection connection;
    private readonly string root;
    private readonly DeliveryState state;
    private readonly MqttStateGuard states;
    private readonly MqttWill will;
    private readonly Accounting accounting;
    private readonly ILogger logger;

    /// <summary>A state is published by the outbox or restored, not both at once: the newest would not be the last.</summary>
    private readonly SemaphoreSlim turn = new(1);
    private bool isSaid;
    private bool isCutOff;
    private readonly bool hasContentType;
    private readonly Func<JsonElement> counters;
    private readonly TimeProvider clock;
    private readonly string version = typeof(MqttAlertSink).Assembly.GetName().Version!.ToString(3);
    private readonly string model;
    private readonly MqttCommands? commands;

    /// <param name="counters">What the status says besides: the counters of the gateway.</param>
    /// <param name="model">Name of the model in force.</param>
    /// <param name="commands">Commands that come over the same connection; null for none.</param>
    public MqttAlertSink(DeliveryState state, BrokerSettings broker, string model, Func<JsonElement> counters, MqttCommands? commands, GatewayStore store, Accounting accounting, TimeProvider clock, Random jitter, ILogger<MqttAlertSink> logger)
    {
        hasContentType = broker.Protocol == MqttProtocol.V5;
        (root, this.state, this.model, this.counters, this.commands, this.accounting, this.clock, this.logger) = (RootOf(state.Settings), state, model, counters, commands, accounting, clock, logger);
        states = new MqttStateGuard(root, Name, store, accounting, clock, logger);
        will = new MqttWill(states.StatusTopic, Encoding.UTF8.GetBytes($$"""{"state":"offline","version":"{{version}}"}"""), accounting, logger);
        connection = new MqttConnection(MqttRoute.To(broker, broker.ClientId + "-out", will.AddTo) with { Refused = will.Refused }, TakeAsync, clock, jitter, logger);
    }

    /// <summary>The topic under which everything of ours lies.</summary>
    public static string RootOf(GatewaySettings settings) => $"edgegateway/{settings.Gateway}";

    /// <inheritdoc/>
    public string Name => "mqtt";

    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <inheritdoc/>
    public async Task SendAsync(OutboxEntry entry, CancellationToken token)
    {
        await turn.WaitAsync(token);
        try
        {
            await PublishAsync($"{root}/events", entry.Body, retain: false, token);
            await SendStateAsync(entry, token);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task SendStateAsync(OutboxEntry entry, CancellationToken token)
    {
        if (!connection.KeepsRetained)
        {
            accounting.Of("states.unretained").Add();
            return;
        }

        var state = $"{root}/alerts/{entry.AlertId}";
        await PublishAsync(state, entry.State, retain: true, token);
        if (!IsActive(entry.State))
        {
            // the broker has acknowledged the end: the retained state has served
            await PublishAsync(state, ReadOnlyMemory<byte>.Empty, retain: true, token);
        }
    }

    /// <summary>An alert may be acknowledged after it was cleared.</summary>
    private static bool IsActive(ReadOnlyMemory<byte> body)
    {
        using var read = JsonDocument.Parse(body);
        return read.RootElement.GetProperty("data").GetProperty("active").GetBoolean();
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token);
        var events = new MqttConnectionEvents(_ => will.Accepted(), ConnectedAsync, _ => Task.CompletedTask, closing => PublishStatusAsync("stopped", closing));
        List<Task> running = [connection.RunAsync(events, either.Token), RepeatStatusAsync(either.Token), RestoreStatesAsync(either.Token)];
        if (commands is not null)
        {
            running.Add(commands.RunAsync((reply, sending) => PublishAsync(reply.Topic, reply.Payload, retain: false, sending, reply.Correlation), either.Token));
        }

        await Task.WhenAny(running);
        await either.CancelAsync();
        await Task.WhenAll(running);
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task ConnectedAsync(CancellationToken token)
    {
        await WatchStatesAsync(token);
        await PublishStatusAsync("online", token);
        if (commands is not null)
        {
            await commands.SubscribeAsync(connection.Client, token);
        }
    }

    private async Task WatchStatesAsync(CancellationToken token)
    {
        var refused = isCutOff ? states.Filters[0] : null;
        if (connection.KeepsRetained && !isCutOff)
        {
            // a broker may cut off who subscribes to what he may not read: then the next connection goes without
            isCutOff = true;
            states.Subscribing();
            var options = new MqttClientSubscribeOptions { TopicFilters = [.. states.Filters.Select(f => new MqttTopicFilterBuilder().WithTopic(f).Build())] };
            refused = (await connection.Client.SubscribeAsync(options, token)).Items.FirstOrDefault(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2)?.TopicFilter.Topic;
        }

        isCutOff = false;
        if (!isSaid && refused is not null)
        {
            logger.StatesUnseen(refused);
        }
        else if (!isSaid && !connection.KeepsRetained)
        {
            logger.NothingRetained();
        }

        isSaid |= refused is not null || !connection.KeepsRetained;
    }

    private Task TakeAsync(MqttApplicationMessageReceivedEventArgs args)
    {
        if (!states.Watches(args.ApplicationMessage.Topic))
        {
            return commands?.TakeAsync(args) ?? Task.CompletedTask;
        }

        states.Take(args.ApplicationMessage.Topic, args.ApplicationMessage.Payload);
        return Task.CompletedTask;
    }

    private async Task RestoreStatesAsync(CancellationToken token)
    {
        using var timer = new PeriodicTimer(MqttStateGuard.Interval, clock);
        while (await timer.WaitForNextTickAsync(token))
        {
            foreach (var topic in states.Due())
            {
                await turn.WaitAsync(token);
                try
                {
                    if (states.Restoring(topic) is { } right)
                    {
                        await (topic == states.StatusTopic ? PublishStatusAsync("online", token) : PublishAsync(topic, right, retain: true, token));
                    }
                }
                catch (Exception e) when (MqttFailure.IsEnvironment(e) && !token.IsCancellationRequested)
                {
                    // the connection went away: with the next one the retained states come again
                    break;
                }
                finally
                {
                    turn.Release();
                }
            }
        }
    }

    private async Task RepeatStatusAsync(CancellationToken token)
    {
        using var timer = new PeriodicTimer(StatusInterval, clock);
        while (await timer.WaitForNextTickAsync(token))
        {
            try
            {
                await PublishStatusAsync("online", token);
            }
            catch (Exception e) when (MqttFailure.IsEnvironment(e) && !token.IsCancellationRequested)
            {
                // there is no connection; the status is published with the next one
            }
        }
    }

    private Task PublishStatusAsync(string state, CancellationToken token) => PublishAsync(states.StatusTopic, Status(state), retain: connection.KeepsRetained, token);

    private byte[] Status(string state) =>
        JsonSerializer.SerializeToUtf8Bytes(new { state, version, model, mode = this.state.Settings.Alerts.ModeName, time = clock.GetUtcNow(), counters = counters() });

    private async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken token, byte[]? reply = null)
    {
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = new(payload),
            Retain = retain,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            ContentType = payload.IsEmpty || !hasContentType ? null : reply is null ? ContentType : "application/json",
            CorrelationData = reply,
        };
        if (retain)
        {
            states.Sending(topic, payload);
        }

        using var patience = new CancellationTokenSource(MqttOptions.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            var result = await connection.Client.PublishAsync(message, either.Token);
            if (!result.IsSuccess)
            {
                throw new MqttCommunicationException($"the broker refused {topic}: {result.ReasonCode}");
            }
        }
        catch (Exception e) when (either.IsCancellationRequested && e is OperationCanceledException or MqttCommunicationTimedOutException)
        {
            token.ThrowIfCancellationRequested();

            // MQTTnet sends nothing a second time: only a new connection makes it whole
            var reason = $"the broker has not acknowledged {topic} for {MqttOptions.Timeout.TotalSeconds} seconds";
            await connection.DropAsync(reason);
            throw new TimeoutException(reason);
        }
    }
}
