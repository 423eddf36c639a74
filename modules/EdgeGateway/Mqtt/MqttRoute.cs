using EdgeGateway.Settings;
using MQTTnet;

namespace EdgeGateway.Mqtt;

/// <summary>What a connection leads to, and how patient it is.</summary>
/// <param name="Peer">The other side, for a sentence: "broker".</param>
/// <param name="MostWaiting">Messages that may wait to be taken; beyond, the socket is not read.</param>
/// <param name="Patience">The longest wait for CONNACK; and once more for what is done before the connection counts as made.</param>
/// <param name="Delays">Between attempts.</param>
/// <param name="Options">Makes MQTTnet's options anew for each attempt.</param>
internal sealed record MqttRoute(string Peer, string ClientId, string Host, int Port, int MostWaiting, TimeSpan Patience, Delays Delays, Func<CancellationToken, Task<MqttClientOptions>> Options)
{
    private static readonly Delays BrokerDelays = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30), TimeSpan.Zero, TimeSpan.FromSeconds(10));

    /// <summary>What a failed attempt means, where that is better known than from the exception alone.</summary>
    public Func<Exception, string?> Explain { get; init; } = _ => null;

    /// <summary>Told each refusal of a connection.</summary>
    public Action<MqttClientConnectResultCode> Refused { get; init; } = _ => { };

    /// <summary>The way to the broker of the settings.</summary>
    /// <param name="prepare">Adds what this connection needs to the common options.</param>
    public static MqttRoute To(BrokerSettings broker, string clientId, Action<MqttClientOptionsBuilder> prepare) => new(
        "broker", clientId, broker.Host, broker.Port, broker.ReceiveMaximum, MqttOptions.Timeout, BrokerDelays,
        _ =>
        {
            var builder = MqttOptions.For(broker, clientId);
            prepare(builder);
            return Task.FromResult(builder.Build());
        });
}
