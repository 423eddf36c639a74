using System.Text;
using System.Text.Json;
using EdgeGateway.Delivery;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace EdgeGateway.Mqtt;

/// <summary>
/// The local broker as alert sink, on a connection of its own: every transition under <c>events</c>, the retained state of each alert under
/// <c>alerts/{alertId}</c> until it is cleared, birth and last will under <c>status</c>. All at QoS 1.
/// </summary>
internal sealed class MqttAlertSink : IAlertSink
{
    private const string ContentType = "application/cloudevents+json; charset=utf-8";
    private static readonly TimeSpan StatusInterval = TimeSpan.FromMinutes(1);
    private readonly MqttConnection connection;
    private readonly string root;
    private readonly DeliveryState state;
    private readonly bool hasContentType;
    private readonly Func<JsonElement> counters;
    private readonly TimeProvider clock;
    private readonly string version = typeof(MqttAlertSink).Assembly.GetName().Version!.ToString(3);
    private readonly string model;
    private readonly MqttCommands? commands;

    /// <param name="counters">What the status says besides: the counters of the gateway.</param>
    /// <param name="model">Name of the model in force.</param>
    /// <param name="commands">Commands that come over the same connection; null for none.</param>
    public MqttAlertSink(DeliveryState state, BrokerSettings broker, string model, Func<JsonElement> counters, MqttCommands? commands, TimeProvider clock, Random jitter, ILogger<MqttAlertSink> logger)
    {
        hasContentType = broker.Protocol == MqttProtocol.V5;
        (root, this.state, this.model, this.counters, this.commands, this.clock) = (RootOf(state.Settings), state, model, counters, commands, clock);
        connection = new MqttConnection(MqttRoute.To(broker, broker.ClientId + "-out", AddWill), commands is null ? null : commands.TakeAsync, clock, jitter, logger);
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
        var state = $"{root}/alerts/{entry.AlertId}";
        await PublishAsync($"{root}/events", entry.Body, retain: false, token);
        await PublishAsync(state, entry.Body, retain: true, token);
        if (!IsActive(entry.Body))
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
        var events = new MqttConnectionEvents(_ => { }, ConnectedAsync, _ => Task.CompletedTask, closing => PublishStatusAsync("stopped", closing));
        List<Task> running = [connection.RunAsync(events, either.Token), RepeatStatusAsync(either.Token)];
        if (commands is not null)
        {
            running.Add(commands.RunAsync((reply, sending) => PublishAsync(reply.Topic, reply.Payload, retain: false, sending, reply.Correlation), either.Token));
        }

        await Task.WhenAny(running);
        await either.CancelAsync();
        await Task.WhenAll(running);
    }

    private async Task ConnectedAsync(CancellationToken token)
    {
        await PublishStatusAsync("online", token);
        if (commands is not null)
        {
            await commands.SubscribeAsync(connection.Client, token);
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

    private Task PublishStatusAsync(string state, CancellationToken token) => PublishAsync($"{root}/status", Status(state), retain: true, token);

    private void AddWill(MqttClientOptionsBuilder builder) => builder
        .WithWillTopic($"{root}/status")
        .WithWillPayload(Encoding.UTF8.GetBytes($$"""{"state":"offline","version":"{{version}}"}"""))
        .WithWillRetain()
        .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);

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
