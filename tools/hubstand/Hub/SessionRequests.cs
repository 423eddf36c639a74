using System.Buffers;
using MQTTnet.Packets;

namespace Hubstand.Hub;

/// <summary>What a client's publishes ask for, by topic.</summary>
internal sealed class SessionRequests(HubContext hub, MessageRouter router, TwinRequests twins, DirectMethods methods)
{
    /// <summary>Takes one publish; what is lost here is acknowledged all the same, as on edgeHub.</summary>
    /// <exception cref="MqttWireException">The connection is to be closed.</exception>
    public void Accept(Session session, MqttPublishPacket publish)
    {
        var payload = publish.Payload.ToArray();
        switch (HubTopic.Of(publish.Topic))
        {
            case HubTopic.Telemetry telemetry:
                router.Accept(telemetry, payload, Marks(publish));
                break;
            case HubTopic.TwinGet get:
                twins.Get(session, get.RequestId);
                break;
            case HubTopic.Reported reported:
                twins.Patch(session, reported.RequestId, payload);
                break;
            case HubTopic.MethodResponse response:
                methods.Answered(response.RequestId, response.Status, payload);
                break;
            case HubTopic.WithoutRequestId:
                throw new MqttWireException(HubEvent.ClosedMalformed, $"{publish.Topic} has no $rid");
            default:
                hub.Counters.Count(HubEvent.DroppedNoTemplate);
                hub.Log($"{session.Client.Name}: no topic template matches {publish.Topic}, the message is lost");
                break;
        }
    }

    /// <summary>The last will of a connection that ended without DISCONNECT: telemetry that is marked.</summary>
    public void Will(Session session, MqttConnectPacket connect)
    {
        if (HubTopic.Of(connect.WillTopic) is HubTopic.Telemetry telemetry && telemetry.Sender == session.Client.Name)
        {
            router.Accept(telemetry, connect.WillMessage ?? [], [new("iothub-MessageType", "Will")]);
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> Marks(MqttPublishPacket publish)
    {
        if (publish.Retain)
        {
            yield return new("mqtt-retain", "true");
        }

        if (publish.Dup)
        {
            yield return new("mqtt-dup", "true");
        }
    }
}
