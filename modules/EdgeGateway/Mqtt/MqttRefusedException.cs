using MQTTnet;
using MQTTnet.Exceptions;

namespace EdgeGateway.Mqtt;

/// <summary>The other side answered CONNECT with a refusal.</summary>
internal sealed class MqttRefusedException(string peer, MqttClientConnectResultCode code) : MqttCommunicationException($"the {peer} refused the connection: {code}")
{
    /// <summary>Its code; MQTTnet gives those of MQTT 3.1.1 the names of MQTT 5.</summary>
    public MqttClientConnectResultCode Code { get; } = code;
}
