using Microsoft.Azure.Devices.Shared;

// Signatures of Microsoft.Azure.Devices.Client 1.42.3 that modules/EdgeGateway.AzureSdk uses; every body throws. That they compile shows that our client and our port still fit together, and nothing
// about the SDK: neither that it behaves, nor that its next version keeps these signatures.
namespace Microsoft.Azure.Devices.Client;

public class ModuleClient : IDisposable
{
    internal ModuleClient() => throw new NotSupportedException();

    public static ModuleClient Create(string hostname, string gatewayHostname, IAuthenticationMethod authenticationMethod, ITransportSettings[] transportSettings, ClientOptions options = default) => throw new NotSupportedException();

    public void SetRetryPolicy(IRetryPolicy retryPolicy) => throw new NotSupportedException();

    public void SetConnectionStatusChangesHandler(ConnectionStatusChangesHandler statusChangesHandler) => throw new NotSupportedException();

    public Task OpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CloseAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SendEventAsync(string outputName, Message message, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetMethodDefaultHandlerAsync(MethodCallback methodHandler, object userContext, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetMessageHandlerAsync(MessageHandler messageHandler, object userContext, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetDesiredPropertyUpdateCallbackAsync(DesiredPropertyUpdateCallback callback, object userContext, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Twin> GetTwinAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task UpdateReportedPropertiesAsync(TwinCollection reportedProperties, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();

    protected virtual void Dispose(bool disposing) => throw new NotSupportedException();
}

public class ClientOptions;

public sealed class Message : IDisposable
{
    public Message(byte[] byteArray) => throw new NotSupportedException();

    public string MessageId { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public string To { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public string CorrelationId { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public string UserId { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public string MessageSchema { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public DateTime CreationTimeUtc { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public string ContentType { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public string ContentEncoding { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public string InputName => throw new NotSupportedException();

    public string ConnectionDeviceId => throw new NotSupportedException();

    public string ConnectionModuleId => throw new NotSupportedException();

    public IDictionary<string, string> Properties => throw new NotSupportedException();

    public byte[] GetBytes() => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();
}

public sealed class MethodRequest
{
    public MethodRequest(string name) => throw new NotSupportedException();

    public string Name => throw new NotSupportedException();

    public byte[] Data => throw new NotSupportedException();
}

public sealed class MethodResponse
{
    public MethodResponse(byte[] result, int status) => throw new NotSupportedException();
}

public enum MessageResponse
{
    None,
    Completed,
    Abandoned,
}

public enum ConnectionStatus
{
    Disconnected,
    Connected,
    Disconnected_Retrying,
    Disabled,
}

public enum ConnectionStatusChangeReason
{
    Connection_Ok,
    Expired_SAS_Token,
    Device_Disabled,
    Bad_Credential,
    Retry_Expired,
    No_Network,
    Communication_Error,
    Client_Close,
}

public enum TransportType
{
    Amqp = 0,
    Http1 = 1,
    Amqp_WebSocket_Only = 2,
    Amqp_Tcp_Only = 3,
    Mqtt = 4,
    Mqtt_WebSocket_Only = 5,
    Mqtt_Tcp_Only = 6,
}

public delegate void ConnectionStatusChangesHandler(ConnectionStatus status, ConnectionStatusChangeReason reason);

public delegate Task<MethodResponse> MethodCallback(MethodRequest methodRequest, object userContext);

public delegate Task<MessageResponse> MessageHandler(Message message, object userContext);

public delegate Task DesiredPropertyUpdateCallback(TwinCollection desiredProperties, object userContext);

public interface IRetryPolicy;

public class NoRetry : IRetryPolicy
{
    public NoRetry() => throw new NotSupportedException();
}

public interface IAuthenticationMethod;

public sealed class ModuleAuthenticationWithToken : IAuthenticationMethod
{
    public ModuleAuthenticationWithToken(string deviceId, string moduleId, string sharedAccessSignature) => throw new NotSupportedException();
}

public interface ITransportSettings;
