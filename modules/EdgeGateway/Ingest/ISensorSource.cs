using System.Buffers;
using EdgeGateway.Settings;

namespace EdgeGateway.Ingest;

/// <summary>Where sensor messages come from: the broker (<c>Mqtt.MqttSensorSource</c>), and where there is a hub the inputs of this module (<c>Hub.HubInputSource</c>).</summary>
internal interface ISensorSource
{
    /// <summary>
    /// Connects (and reconnects for ever), subscribes, and hands every message to <paramref name="take"/>, one at a time in receive order,
    /// until <paramref name="token"/> is cancelled. While <paramref name="take"/> has not completed no further message is read: this is the back-pressure.
    /// </summary>
    Task RunAsync(Func<SensorMessage, ValueTask> take, Action<SourceConnection> connectionChanged, CancellationToken token);

    /// <summary>Puts other settings in force: what they name besides is subscribed, what they do not name any more is not. Where there is no connection now, the next one does it.</summary>
    Task UseAsync(GatewaySettings settings, CancellationToken token);

    /// <summary>Acknowledges, in receive order, every message up to and including this number. Numbers of an older connection are ignored: the broker sends those again.</summary>
    ValueTask AcknowledgeAsync(long throughNumber, CancellationToken token);
}

/// <summary>One payload as it came.</summary>
/// <param name="Number">Receive number: rises by one with every message of the source; or <see cref="AcknowledgedElsewhere"/>.</param>
/// <param name="Payload">Valid only until the handler's task completes.</param>
/// <param name="Retained">Whether the broker sent it as retained state on subscribing.</param>
/// <param name="Redelivered">Whether the broker says that it may have sent it before (MQTT 5 section 3.3.1.1, DUP).</param>
internal readonly record struct SensorMessage(long Number, string Topic, ReadOnlySequence<byte> Payload, bool Retained, bool Redelivered, DateTimeOffset ReceivedAt)
{
    /// <summary>The number of a message that its source acknowledges as soon as it was taken.</summary>
    public const long AcknowledgedElsewhere = 0;
}

/// <summary>A change of the connection that readings come through.</summary>
/// <param name="SessionPresent">On connect: whether the broker kept our session, so that nothing of QoS 1 was lost.</param>
/// <param name="Reason">One sentence for the log.</param>
/// <param name="OfInputs">Whether it is the one to the hub, whose inputs are kept for us while it is away.</param>
internal readonly record struct SourceConnection(bool Connected, bool SessionPresent, DateTimeOffset At, string Reason, bool OfInputs = false);
