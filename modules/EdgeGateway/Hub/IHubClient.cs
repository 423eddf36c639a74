namespace EdgeGateway.Hub;

/// <summary>
/// A module's way to IoT Hub, through edgeHub or straight: telemetry, twin, direct methods, inputs. Keeps the connection for ever and says when it changes; what is sent is
/// not stored here. Calls may come from several threads.
/// </summary>
internal interface IHubClient
{
    /// <summary>Who we are to the hub.</summary>
    HubIdentity Identity { get; }

    /// <summary>
    /// Connects, subscribes and reconnects until the token is cancelled; disconnects then. Handlers are called one at a time, except methods and inputs, which may run beside the others.
    /// </summary>
    /// <exception cref="HubUnusableException">Trying again in this process cannot help: the process must end with a non-zero code and be started again.</exception>
    Task RunAsync(HubHandlers handlers, CancellationToken token);

    /// <summary>Sends one message and returns once the hub (edgeHub: its store) has acknowledged it.</summary>
    /// <exception cref="HubException">It was not acknowledged; see <see cref="HubException.Fault"/>.</exception>
    Task SendAsync(HubMessage message, CancellationToken token);

    /// <summary>Reads the whole twin: a JSON object with <c>desired</c> and <c>reported</c>, as the hub gave it.</summary>
    /// <exception cref="HubException">No answer, or a refusal.</exception>
    Task<ReadOnlyMemory<byte>> GetTwinAsync(CancellationToken token);

    /// <summary>Merges a JSON object into the reported properties; null removes a key.</summary>
    /// <exception cref="HubException">No answer, or a refusal.</exception>
    Task UpdateReportedAsync(ReadOnlyMemory<byte> patch, CancellationToken token);
}

/// <summary>Identity of a module, as the hub names it.</summary>
/// <param name="Hub">Full host name of the IoT Hub, also behind a gateway.</param>
/// <param name="Device">Device id.</param>
/// <param name="Module">Module id; null for a device identity (a connection string without ModuleId).</param>
internal sealed record HubIdentity(string Hub, string Device, string? Module);

/// <summary>What the owner of the client does at its turns.</summary>
/// <param name="Connected">After each connect, once everything is subscribed: the twin is read again now, within a minute. When it throws a <see cref="HubException"/>, the connection is made again.</param>
/// <param name="Disconnected">A connection ended or could not be made; the cause, one sentence, told once while it stays the same.</param>
/// <param name="DesiredChanged">A partial change of the desired properties, as it came: a JSON object with <c>$version</c>. Nothing was checked.</param>
/// <param name="Method">Answers a direct method; its token is cancelled when nobody waits any more.</param>
/// <param name="Input">Takes a message of an input; it is acknowledged when this returns, and not when it throws a <see cref="HubException"/>: then it comes again. edgeHub sends one at a time and waits 30 s.</param>
internal sealed record HubHandlers(
    Func<CancellationToken, Task> Connected,
    Action<string> Disconnected,
    Action<ReadOnlyMemory<byte>> DesiredChanged,
    Func<MethodRequest, CancellationToken, Task<MethodResponse>> Method,
    Func<InputMessage, CancellationToken, Task> Input);

/// <summary>A message for an output of ours. Its body is JSON in UTF-8 and is marked so, which routing on the body asks for.</summary>
/// <param name="Id">Message id, at most 128 characters; the same on every attempt.</param>
/// <param name="Output">Output name that routes start from.</param>
/// <param name="Body">At most 256 KB together with the properties.</param>
/// <param name="Properties">Application properties.</param>
internal sealed record HubMessage(string Id, string Output, ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Properties);

/// <summary>A message that a route led to one of our inputs.</summary>
/// <param name="Properties">System and application properties by wire name.</param>
/// <param name="ReceivedAt">UTC.</param>
internal sealed record InputMessage(string Input, ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, string> Properties, DateTimeOffset ReceivedAt);

/// <summary>A direct method that somebody invoked.</summary>
/// <param name="Payload">JSON, or empty; nothing was checked.</param>
internal sealed record MethodRequest(string Name, ReadOnlyMemory<byte> Payload);

/// <summary>The answer to a direct method.</summary>
/// <param name="Status">200, or as HTTP.</param>
/// <param name="Payload">JSON, or empty.</param>
internal sealed record MethodResponse(int Status, ReadOnlyMemory<byte> Payload);

/// <summary>Why a call to the hub did not succeed.</summary>
internal enum HubFault
{
    /// <summary>There is no connection, or it ended, or no answer came in time: the same call may succeed later.</summary>
    Unavailable,

    /// <summary>The hub refused for now (429, 5xx): later, and not soon.</summary>
    Throttled,

    /// <summary>The hub refused what was sent (4xx): the same again is refused again.</summary>
    Refused,

    /// <summary>The message exceeds what the hub takes and was not sent.</summary>
    TooLarge,
}

/// <summary>A call to the hub that did not succeed.</summary>
internal sealed class HubException(HubFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What may be done about it.</summary>
    public HubFault Fault { get; } = fault;
}

/// <summary>A way to the hub that no further attempt of this process can open, such as the socket of a workload API that was restarted.</summary>
internal sealed class HubUnusableException(string message, Exception? inner = null) : Exception(message, inner);
