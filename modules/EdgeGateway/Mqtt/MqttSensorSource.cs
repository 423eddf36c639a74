using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeGateway.Mqtt;

/// <summary>
/// The sources as MQTT subscriptions, on a connection of their own. Sources without an event time are subscribed at QoS 0: a broker's backlog would get wrong times.
/// </summary>
/// <param name="obsolete">Filters that an earlier configuration subscribed to and that the broker may still hold for our session.</param>
/// <param name="subscribed">Told the filters that the broker may hold for us, before and after each change of them.</param>
internal sealed class MqttSensorSource(GatewaySettings settings, IReadOnlyList<string> obsolete, Action<IReadOnlyList<string>> subscribed, TimeProvider clock, Random jitter, ILogger<MqttSensorSource> logger)
    : ISensorSource
{
    private readonly Lock unacknowledgedGate = new();
    private readonly Queue<(long Number, MqttApplicationMessageReceivedEventArgs Message)> unacknowledged = new();
    private readonly bool isDurable = settings.Ack == AckMode.Durable;
    private long number;

    /// <inheritdoc/>
    public Task RunAsync(Func<SensorMessage, ValueTask> take, Action<SourceConnection> connectionChanged, CancellationToken token)
    {
        // a new attempt: what was not acknowledged the broker sends again
        var connection = new MqttConnection(MqttRoute.To(settings.Broker, settings.Broker.ClientId, _ => ForgetUnacknowledged()), message => ReceiveAsync(message, take, token), clock, jitter, logger);
        var events = new MqttConnectionEvents(
            sessionPresent => connectionChanged(new SourceConnection(true, sessionPresent, clock.GetUtcNow(), "")),
            attempt => SubscribeAsync(connection.Client, attempt),
            reason =>
            {
                connectionChanged(new SourceConnection(false, false, clock.GetUtcNow(), reason));
                return Task.CompletedTask;
            },
            _ => Task.CompletedTask);
        return connection.RunAsync(events, token);
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
            catch (Exception e) when (MqttConnection.IsEnvironment(e))
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

    private async Task SubscribeAsync(IMqttClient client, CancellationToken token)
    {
        var wanted = settings.Sources.Select(s => (s.Topic.Filter, Qos: s.Time is null ? 0 : settings.Broker.Qos)).ToList();
        var filters = wanted.ConvertAll(w => w.Filter);
        var gone = obsolete.Except(filters).ToList();
        subscribed([.. filters, .. gone]);
        foreach (var filter in gone)
        {
            await client.UnsubscribeAsync(filter, token);
        }

        var options = new MqttClientSubscribeOptions { TopicFilters = [.. wanted.Select(w => new MqttTopicFilterBuilder().WithTopic(w.Filter).WithQualityOfServiceLevel((MqttQualityOfServiceLevel)w.Qos).Build())] };
        var result = await client.SubscribeAsync(options, token);
        foreach (var item in result.Items.Where(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
        {
            logger.SubscriptionRefused(item.TopicFilter.Topic, item.ResultCode.ToString());
        }

        subscribed(filters);
    }

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
        lock (unacknowledgedGate)
        {
            unacknowledged.Clear();
        }
    }
}
