using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeGateway.Mqtt;

/// <summary>
/// The sources as MQTT subscriptions, on a connection of their own. Sources without an event time are subscribed at QoS 0: a broker's backlog would get wrong times.
/// </summary>
/// <param name="obsolete">Filters that an earlier configuration subscribed to and that the broker may still hold for our session.</param>
/// <param name="subscribed">Told the filters that the broker may hold for us, before and after each change of them.</param>
internal sealed class MqttSensorSource(GatewaySettings settings, BrokerSettings broker, IReadOnlyList<string> obsolete, Action<IReadOnlyList<string>> subscribed, TimeProvider clock, Random jitter, ILogger<MqttSensorSource> logger)
    : ISensorSource, IDisposable
{
    private readonly SemaphoreSlim subscribing = new(1, 1);
    private readonly Lock unacknowledgedGate = new();
    private readonly Queue<(long Number, MqttApplicationMessageReceivedEventArgs Message)> unacknowledged = new();
    private readonly bool isDurable = settings.Ack == AckMode.Durable;
    private MqttConnection? connection;
    private long number;

    /// <summary>Settings in force; changed only while nothing is being subscribed.</summary>
    private GatewaySettings settings = settings;
    private IReadOnlyList<string> obsolete = obsolete;

    /// <summary>What this connection has subscribed to: filter and quality of service.</summary>
    private Dictionary<string, int> held = [];

    /// <summary>Whether this connection has subscribed to everything.</summary>
    private volatile bool ready;

    /// <inheritdoc/>
    public Task RunAsync(Func<SensorMessage, ValueTask> take, Action<SourceConnection> connectionChanged, CancellationToken token)
    {
        // a new attempt: what was not acknowledged the broker sends again
        connection = new MqttConnection(MqttRoute.To(broker, broker.ClientId, _ => ForgetUnacknowledged()), message => ReceiveAsync(message, take, token), clock, jitter, logger);
        var events = new MqttConnectionEvents(
            sessionPresent => connectionChanged(new SourceConnection(true, sessionPresent, clock.GetUtcNow(), "")),
            attempt => SubscribeAsync(connection!.Client, attempt),
            reason =>
            {
                connectionChanged(new SourceConnection(false, false, clock.GetUtcNow(), reason));
                return Task.CompletedTask;
            },
            _ => Task.CompletedTask);
        return connection.RunAsync(events, token);
    }

    /// <inheritdoc/>
    public void Dispose() => subscribing.Dispose();

    /// <inheritdoc/>
    public async Task UseAsync(GatewaySettings other, CancellationToken token)
    {
        await subscribing.WaitAsync(token);
        try
        {
            settings = other;
            if (!ready)
            {
                // the connection that comes, or is being made, subscribes to everything
                return;
            }

            using var patience = new CancellationTokenSource(MqttOptions.Timeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
            await SubscribeAsync(connection!.Client, other, either.Token);
        }
        catch (Exception e) when (MqttFailure.IsEnvironment(e) && !token.IsCancellationRequested)
        {
            // a connection that does not answer or is gone: a new one subscribes to everything
            await connection!.DropAsync("other filters could not be subscribed");
        }
        finally
        {
            subscribing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask AcknowledgeAsync(long throughNumber, CancellationToken token)
    {
        while (TryNext(throughNumber, out var message))
        {
            try
            {
                await message.AcknowledgeAsync(token);
            }
            catch (Exception e) when (MqttFailure.IsEnvironment(e))
            {
                // the connection went away: the broker sends these again, and their times tell that they are known
                return;
            }
        }
    }

    private async Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs args, Func<SensorMessage, ValueTask> take, CancellationToken token)
    {
        if (token.IsCancellationRequested)
        {
            // stopping: not taken, so not acknowledged; the broker keeps it for the next start
            args.AutoAcknowledge = false;
            return;
        }

        var message = args.ApplicationMessage;
        number++;
        if (isDurable && message.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce)
        {
            args.AutoAcknowledge = false;
            lock (unacknowledgedGate)
            {
                unacknowledged.Enqueue((number, args));
            }
        }

        await take(new SensorMessage(number, message.Topic, message.Payload, message.Retain, message.Dup, clock.GetUtcNow()));
    }

    /// <summary>All filters of the settings in force, on a new connection.</summary>
    private async Task SubscribeAsync(IMqttClient client, CancellationToken token)
    {
        await subscribing.WaitAsync(token);
        try
        {
            // the session may hold them still, whatever is wanted by now
            (obsolete, held) = ([.. obsolete, .. held.Keys], []);
            await SubscribeAsync(client, settings, token);
            ready = true;
        }
        finally
        {
            subscribing.Release();
        }
    }

    /// <summary>Subscribes to what is wanted and not held, and unsubscribes from what is held and not wanted.</summary>
    private async Task SubscribeAsync(IMqttClient client, GatewaySettings wantedBy, CancellationToken token)
    {
        var wanted = wantedBy.Sources.Where(s => s.Input is null).ToDictionary(s => s.Topic.Filter, s => s.HasEventTime ? broker.Qos : 0);
        var gone = obsolete.Concat(held.Keys).Where(filter => !wanted.ContainsKey(filter)).Distinct().ToList();
        subscribed([.. wanted.Keys, .. gone]);
        foreach (var filter in gone)
        {
            await client.UnsubscribeAsync(filter, token);
        }

        // what is held is not asked for again: the broker would send its retained messages again
        var missing = wanted.Where(w => !held.TryGetValue(w.Key, out var qos) || qos != w.Value).Select(Filter).ToList();
        if (missing.Count > 0)
        {
            var result = await client.SubscribeAsync(new MqttClientSubscribeOptions { TopicFilters = missing }, token);
            foreach (var item in result.Items.Where(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
            {
                logger.SubscriptionRefused(item.TopicFilter.Topic, item.ResultCode.ToString());
            }
        }

        (held, obsolete) = (wanted, []);
        subscribed([.. wanted.Keys]);
    }

    private static MqttTopicFilter Filter(KeyValuePair<string, int> wanted) =>
        new MqttTopicFilterBuilder().WithTopic(wanted.Key).WithQualityOfServiceLevel((MqttQualityOfServiceLevel)wanted.Value).Build();

    private bool TryNext(long through, out MqttApplicationMessageReceivedEventArgs message)
    {
        lock (unacknowledgedGate)
        {
            var any = unacknowledged.TryPeek(out var next) && next.Number <= through;
            message = any ? unacknowledged.Dequeue().Message : null!;
            return any;
        }
    }

    private void ForgetUnacknowledged()
    {
        ready = false;
        lock (unacknowledgedGate)
        {
            unacknowledged.Clear();
        }
    }
}
