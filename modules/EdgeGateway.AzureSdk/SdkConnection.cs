using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using Microsoft.Azure.Devices.Client.Transport.Mqtt;
using Microsoft.Azure.Devices.Shared;
using Sdk = Microsoft.Azure.Devices.Client;

namespace EdgeGateway.AzureSdk;

/// <summary>One connection of the SDK, from opening to its end, and what comes in over it. The SDK lets a caller wait for ever for a PUBACK that never comes; every wait here is bounded.</summary>
internal sealed class SdkConnection : IAsyncDisposable
{
    /// <summary>The longest wait for an answer: what the hub takes for a CONNACK under load, and what the SDK waits for an answer of the twin.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(3);

    /// <summary>Patches that may wait while the twin is read. One more ends the connection, so that the twin is read anew: no change goes unseen.</summary>
    private const int PatchRoom = 64;

    /// <summary>The share of a token's life after which the connection is given up for one with a new token: the SDK itself would wait until the hub cuts it.</summary>
    private const double RenewalShare = 0.85;

    /// <summary>The SDK pings four times in it.</summary>
    private const int KeepAliveSeconds = 240;
    private readonly Channel<ReadOnlyMemory<byte>> desired = Channel.CreateBounded<ReadOnlyMemory<byte>>(PatchRoom);
    private readonly CancellationTokenSource ended = new();
    private readonly CancellationTokenSource due;
    private readonly Sdk.ModuleClient client;
    private readonly TimeProvider clock;
    private volatile bool wasConnected;
    private volatile HubException? end;

    private SdkConnection(HubAccess access, HubTicket ticket, SasToken sas, TimeProvider clock)
    {
        this.clock = clock;
        due = new CancellationTokenSource((sas.Expiry - clock.GetUtcNow()) * RenewalShare, clock);
        var transport = new MqttTransportSettings(access.Transport == HubTransport.WebSocket ? Sdk.TransportType.Mqtt_WebSocket_Only : Sdk.TransportType.Mqtt_Tcp_Only)
        {
            KeepAliveInSeconds = KeepAliveSeconds,

            // a kept session would bring answers of the twin that nobody waits for any more, over which the SDK drops the connection; edgeHub keeps inputs without it
            CleanSession = true,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(access, CertificateTrust.Problem(certificate, chain, errors, ticket.Trusted)),
        };
        client = Sdk.ModuleClient.Create(access.Identity.Hub, access.Host, new Sdk.ModuleAuthenticationWithToken(access.Identity.Device, access.Identity.Module, sas.Text), [transport]);
        client.SetRetryPolicy(new Sdk.NoRetry());
        client.SetConnectionStatusChangesHandler(StatusChanged);
    }

    /// <summary>Makes a connection, not yet open, with a token of its own.</summary>
    /// <exception cref="HubException">A file or the workload API cannot be used now.</exception>
    public static async Task<SdkConnection> NewAsync(HubAccess access, TimeProvider clock, CancellationToken token)
    {
        try
        {
            var ticket = await access.TicketAsync(token);
            return new SdkConnection(access, ticket, ticket.Token ?? throw new HubUnusableException("The client on Microsoft's SDK signs in with keys only; for x509=true use the default client."), clock);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException(HubFault.Unavailable, e.Message, e);
        }
    }

    /// <summary>Connects, and subscribes to all but the inputs.</summary>
    /// <exception cref="HubException">It could not be done.</exception>
    public Task OpenAsync(HubHandlers handlers, CancellationToken token) => AskAsync(
        async _ =>
        {
            await client.OpenAsync(ended.Token);
            await client.SetDesiredPropertyUpdateCallbackAsync((patch, _) => TakePatch(patch), null, ended.Token);
            await client.SetMethodDefaultHandlerAsync((request, _) => AnswerAsync(request, handlers), null, ended.Token);
            return true;
        },
        token);

    /// <summary>
    /// Subscribes to the inputs, once the twin was read: the SDK insists on acknowledging in the order of arrival, and drops the connection when an answer of the twin comes while an input
    /// is being worked on. Were they subscribed before, an input that came again with each connection would end each.
    /// </summary>
    /// <exception cref="HubException">It could not be done.</exception>
    public Task OpenInputsAsync(HubHandlers handlers, CancellationToken token) => AskAsync(
        async _ =>
        {
            await client.SetMessageHandlerAsync((message, _) => TakeAsync(message, handlers), null, ended.Token);
            return true;
        },
        token);

    /// <summary>
    /// Has the SDK ask the hub something, and bounds the wait. The SDK itself is never cancelled: an answer of the twin that finds nobody waiting makes it drop the connection.
    /// </summary>
    /// <exception cref="HubException">No answer, or a refusal.</exception>
    public async Task<T> AskAsync<T>(Func<Sdk.ModuleClient, Task<T>> question, CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, ended.Token);
        try
        {
            return await question(client).WaitAsync(Patience, clock, either.Token);
        }
        catch (Exception e)
        {
            token.ThrowIfCancellationRequested();
            if (e is TimeoutException)
            {
                End($"the hub has not answered for {Patience.TotalSeconds} seconds");
            }

            throw end ?? SdkFaults.From(e);
        }
    }

    /// <summary>Changes of the desired properties as they come, until it is time for a new token.</summary>
    /// <exception cref="HubException">The connection ended.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> DesiredChanges([EnumeratorCancellation] CancellationToken token)
    {
        await using var completed = due.Token.Register(() => desired.Writer.TryComplete());
        await foreach (var patch in desired.Reader.ReadAllAsync(token))
        {
            yield return patch;
        }
    }

    /// <summary>Disconnects; what waits for a PUBACK gets a moment for it.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await client.CloseAsync(CancellationToken.None).WaitAsync(ClosingTime, clock);
        }
        catch (Exception)
        {
            // it is gone already, or does not answer: nothing is lost by leaving, and the SDK says it in many types
        }
        finally
        {
            await ended.CancelAsync();
            client.Dispose();
            due.Dispose();
            ended.Dispose();
        }
    }

    /// <summary>While it is opening, the exception of the call says more than this does; afterwards the reason is always that nothing is retried.</summary>
    private void StatusChanged(Sdk.ConnectionStatus status, Sdk.ConnectionStatusChangeReason _)
    {
        if (status == Sdk.ConnectionStatus.Connected)
        {
            wasConnected = true;
        }
        else if (wasConnected)
        {
            End("the connection to the hub ended");
        }
    }

    private bool IsTrusted(HubAccess access, string? problem)
    {
        if (problem is not null)
        {
            access.TrustFailed();
            End($"{access.Host} {problem}");
        }

        return problem is null;
    }

    private void End(string cause)
    {
        end = new HubException(HubFault.Unavailable, cause);
        desired.Writer.TryComplete(end);
        _ = ended.CancelAsync();
    }

    private Task TakePatch(TwinCollection patch)
    {
        if (!desired.Writer.TryWrite(Encoding.UTF8.GetBytes(patch.ToJson())))
        {
            End("more changes of the twin came than can wait while it is read");
        }

        return Task.CompletedTask;
    }

    private async Task<Sdk.MethodResponse> AnswerAsync(Sdk.MethodRequest request, HubHandlers handlers)
    {
        var response = await handlers.Method(new MethodRequest(request.Name, request.Data), ended.Token);
        return new Sdk.MethodResponse(response.Payload.ToArray(), response.Status);
    }

    /// <summary>The SDK acknowledges the message when this returns; when it throws, the connection ends and the message comes again.</summary>
    private async Task<Sdk.MessageResponse> TakeAsync(Sdk.Message message, HubHandlers handlers)
    {
        await handlers.Input(new InputMessage(message.InputName, message.GetBytes(), Properties(message), clock.GetUtcNow()), ended.Token);
        return Sdk.MessageResponse.Completed;
    }

    /// <summary>Application properties, and the system's under their wire names, which the SDK has parsed.</summary>
    private static Dictionary<string, string> Properties(Sdk.Message message)
    {
        var properties = new Dictionary<string, string>(message.Properties);
        (string Name, string? Value)[] system =
        [
            ("$.mid", message.MessageId), ("$.cid", message.CorrelationId), ("$.uid", message.UserId), ("$.to", message.To), ("$.ct", message.ContentType), ("$.ce", message.ContentEncoding),
            ("$.schema", message.MessageSchema), ("$.cdid", message.ConnectionDeviceId), ("$.cmid", message.ConnectionModuleId),
        ];
        foreach (var (name, value) in system)
        {
            if (value is not null)
            {
                properties[name] = value;
            }
        }

        return properties;
    }
}
