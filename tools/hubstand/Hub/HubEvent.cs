namespace Hubstand.Hub;

/// <summary>What the stand-in counts; the names of <c>GET /counters</c>.</summary>
public enum HubEvent
{
    /// <summary>A connection was accepted.</summary>
    Connected,

    /// <summary>CONNACK 3.</summary>
    RefusedUnavailable,

    /// <summary>CONNACK 5.</summary>
    RefusedNotAuthorized,

    /// <summary>Another protocol version than 3.1.1.</summary>
    RefusedProtocolVersion,

    /// <summary>A client left with DISCONNECT.</summary>
    Disconnected,

    /// <summary>A second connection of the same identity came.</summary>
    ClosedTakenOver,

    /// <summary>The token had ended.</summary>
    ClosedTokenExpired,

    /// <summary>Nothing came for one and a half keep-alive times.</summary>
    ClosedKeepAlive,

    /// <summary>A publish with QoS 2.</summary>
    ClosedQos2,

    /// <summary>A packet over 262,144 bytes.</summary>
    ClosedPacketTooLarge,

    /// <summary>A twin request or method answer without <c>$rid</c>, or a packet that is not MQTT 3.1.1.</summary>
    ClosedMalformed,

    /// <summary>A message went to $upstream.</summary>
    Upstream,

    /// <summary>A message went to an input of another module.</summary>
    RoutedToInput,

    /// <summary>Acknowledged and dropped: no route matches.</summary>
    DroppedNoRoute,

    /// <summary>Acknowledged and lost: the property bag could not be read.</summary>
    DroppedBagFormat,

    /// <summary>Acknowledged and lost: no topic template matches, such as for a slash within a value.</summary>
    DroppedNoTemplate,

    /// <summary>Acknowledged and lost: a property deviceId or moduleId made it come from somebody who is not connected.</summary>
    DroppedUnknownSender,

    /// <summary>A PUBACK that a switch kept back.</summary>
    PubAckLost,

    /// <summary>An input was delivered and acknowledged.</summary>
    InputDelivered,

    /// <summary>An input was not acknowledged in time and is sent again.</summary>
    InputRetried,

    /// <summary>A PUBACK of the client came before that of an older message.</summary>
    PubAckOutOfOrder,

    /// <summary>A twin was read.</summary>
    TwinRead,

    /// <summary>Reported properties were changed.</summary>
    ReportedUpdated,

    /// <summary>Reported properties were refused.</summary>
    ReportedRefused,

    /// <summary>A desired patch was sent.</summary>
    DesiredSent,

    /// <summary>A desired patch that a switch kept back.</summary>
    DesiredLost,

    /// <summary>A method was invoked and answered.</summary>
    MethodAnswered,

    /// <summary>A method was not answered in time, or nobody was connected.</summary>
    MethodFailed,

    /// <summary>A subscription was granted that leads to nothing.</summary>
    SubscriptionWithoutEffect,

    /// <summary>A subscription beyond the fifth was refused, or a switch refused it.</summary>
    SubscriptionRefused,

    /// <summary>A SUBSCRIBE packet had several filters; both SDKs send one.</summary>
    SubscribedSeveral,
}
