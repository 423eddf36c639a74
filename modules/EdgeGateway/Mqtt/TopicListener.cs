using System.Buffers;
using EdgeGateway.Settings;
using MQTTnet;

namespace EdgeGateway.Mqtt;

/// <summary>Hears what a broker sends for a while, with a session that it keeps nothing of.</summary>
internal static class TopicListener
{
    private const int MostWaiting = 1000;

    /// <summary>Listens until the time is over.</summary>
    /// <param name="filter">An MQTT topic filter.</param>
    /// <param name="heard">Told each message: topic, payload, whether it was retained. One after the other.</param>
    /// <returns>Why nothing more is heard, for a sentence; null when the time is over.</returns>
    public static async Task<string?> ListenAsync(BrokerSettings broker, string filter, Action<string, ReadOnlySequence<byte>, bool> heard, TimeSpan time, TimeProvider clock, CancellationToken token)
    {
        using var link = new MqttLink(MostWaiting, args =>
        {
            heard(args.ApplicationMessage.Topic, args.ApplicationMessage.Payload, args.ApplicationMessage.Retain);
            return Task.CompletedTask;
        });
        try
        {
            var options = MqttOptions.For(broker with { SessionExpiry = TimeSpan.Zero }, $"edgegateway-discover-{Guid.NewGuid():N}").WithCleanSession().Build();
            await link.ConnectAsync(options, "broker", token);
            link.Begin();
            var subscribed = await link.Client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter).Build(), token);
            if (subscribed.Items.FirstOrDefault(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused)
            {
                return $"it does not let this user subscribe to {filter} ({refused.ResultCode})";
            }

            var over = Task.Delay(time, clock, token);
            var ended = await Task.WhenAny(over, link.Ended) != over ? await link.Ended : null;
            if (ended is null)
            {
                link.Drop("the time is over", renew: false);
                await link.Client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None);
            }

            return ended;
        }
        catch (Exception e) when (MqttFailure.IsEnvironment(e) && !token.IsCancellationRequested)
        {
            return MqttFailure.Cause(e);
        }
    }
}
