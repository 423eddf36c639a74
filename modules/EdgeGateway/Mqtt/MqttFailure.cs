using System.Net.Sockets;
using System.Security.Cryptography;
using EdgeGateway.Hub;
using EdgeGateway.Storage;
using MQTTnet.Exceptions;

namespace EdgeGateway.Mqtt;

/// <summary>What an exception of a connection means: MQTTnet throws many kinds.</summary>
internal static class MqttFailure
{
    /// <summary>Whether a call failed because of the world outside, so that it may succeed later. A broken disk is not waited out.</summary>
    public static bool IsEnvironment(Exception e) =>
        e is not StorageException { Fault: not StorageFault.Full }
        && (e is MqttCommunicationException or MqttProtocolViolationException or HubException or IOException or UnauthorizedAccessException or TimeoutException or CryptographicException or SocketException or OperationCanceledException
            || IsCutOff(e));

    /// <summary>What a call failed from, for a sentence. Of what MQTTnet wraps the innermost says most; exceptions of ours are sentences themselves.</summary>
    public static string Cause(Exception e) => IsCutOff(e) ? "the connection ended" : e is MqttCommunicationException && e.GetBaseException().Message is { Length: > 0 } deepest ? deepest : e.Message;

    /// <summary>MQTTnet lets go of its parts when a connection ends; a call that is under way then fails with one of these.</summary>
    private static bool IsCutOff(Exception e) => e is InvalidOperationException or NullReferenceException;
}
