using EdgeGateway.Hub;
using EdgeGateway.Stages;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace EdgeGateway.Mqtt;

/// <summary>
/// IoT Hub and edgeHub over MQTT 3.1.1 (../../docs/adr/0006-own-hub-client.md). The session is kept by the server; the token is renewed before it expires, at a moment when
/// nothing is under way. What is sent and not acknowledged fails with its connection: MQTTnet sends nothing twice, the outbox does.
/// </summary>
internal sealed class MqttHubClient : IHubClient, IDisposable
{
    /// <summary>A hub under load takes up to a minute for CONNACK.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AcknowledgementPatience = TimeSpan.FromSeconds(30);
    private const int MostWaiting = 64;
    private readonly HubAccess access;
    private readonly TimeProvider clock;
    private readonly Accounting accounting;
    private readonly HubTopics topics;
    private readonly CallGate calls;
    private readonly TwinRequests twin;
    private readonly MqttConnection connection;
    private readonly MqttHubRenewal renewal;
    private MqttHubInbox? inbox;
    private volatile HubSession? session;

    /// <param name="clockIsSet">Whether our clock shows a possible time: with one that does not, tokens are refused.</param>
    public MqttHubClient(HubAccess access, Func<bool> clockIsSet, TimeProvider clock, Random jitter, Accounting accounting, ILogger<MqttHubClient> logger)
    {
        (this.access, this.clock, this.accounting) = (access, clock, accounting);
        (topics, calls, twin) = (new HubTopics(access.Identity), new CallGate(clock), new TwinRequests(clock, accounting));
        var signIn = new MqttHubSignIn(access, clock, clockIsSet);
        var route = new MqttRoute("hub", topics.ClientId, access.Host, access.Port, MostWaiting, Patience, Delays.OfHub, token => signIn.OptionsAsync(Patience, token)) { Explain = signIn.Explain };
        connection = new MqttConnection(route, args => inbox!.TakeAsync(args, TakeMethod), clock, jitter, logger);
        renewal = new MqttHubRenewal(access, signIn, calls, connection, clock, jitter, logger);
    }

    /// <inheritdoc/>
    public HubIdentity Identity => access.Identity;

    /// <inheritdoc/>
    public async Task RunAsync(HubHandlers handlers, CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token);
        inbox = new MqttHubInbox(Identity, handlers, twin, clock, accounting, reason => _ = connection.DropAsync(reason));
        var events = new MqttConnectionEvents(_ => Begin(handlers), attempt => ReadyAsync(handlers, attempt), End, _ => Task.CompletedTask)
        {
            Doing = () => calls.Doing,
            Trouble = cause =>
            {
                calls.Open();
                handlers.Disconnected(cause);
            },
        };
        Task[] running = [connection.RunAsync(events, either.Token), inbox.RunAsync(either.Token)];
        try
        {
            await Task.WhenAny(running);
            await either.CancelAsync();
            await Task.WhenAll(running);
        }
        finally
        {
            await End("the hub client was stopped");
        }
    }

    /// <inheritdoc/>
    public Task SendAsync(HubMessage message, CancellationToken token)
    {
        var topic = topics.Events(PropertyBag.Write(message, Identity.Module is not null, clock.GetUtcNow()));
        return calls.PassAsync("sending a message", () => PublishAsync(topic, message.Body, MqttQualityOfServiceLevel.AtLeastOnce, token), waits: true, token);
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> GetTwinAsync(CancellationToken token) => AskAsync("reading the twin", HubTopics.TwinGet, ReadOnlyMemory<byte>.Empty, token);

    /// <inheritdoc/>
    public Task UpdateReportedAsync(ReadOnlyMemory<byte> patch, CancellationToken token) => AskAsync("reporting to the twin", HubTopics.ReportedPatch, patch, token);

    /// <inheritdoc/>
    public void Dispose() => access.Dispose();

    private Task<ReadOnlyMemory<byte>> AskAsync(string what, Func<string, string> topic, ReadOnlyMemory<byte> body, CancellationToken token) => calls.PassAsync(
        what, () => twin.AskAsync(requestId => PublishAsync(topic(requestId), body, MqttQualityOfServiceLevel.AtMostOnce, token), token), waits: true, token);

    private void Begin(HubHandlers handlers)
    {
        inbox!.Desired.Begin();
        session = new HubSession(closed => new MethodCalls(handlers.Method, RespondAsync, accounting, clock, closed));
    }

    private async Task ReadyAsync(HubHandlers handlers, CancellationToken token)
    {
        var current = session!;
        await SubscribeAsync(HubTopics.TwinAnswers, MqttQualityOfServiceLevel.AtMostOnce, token);
        await SubscribeAsync(HubTopics.Desired, MqttQualityOfServiceLevel.AtMostOnce, token);
        await SubscribeAsync(HubTopics.Methods, MqttQualityOfServiceLevel.AtMostOnce, token);
        if (topics.Inputs is { } filter)
        {
            await SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, token);
        }

        current.IsReady = true;
        calls.Open();
        await handlers.Connected(token);
        inbox!.Desired.Open();
        _ = renewal.RunAsync(current.Closed);
    }

    private Task End(string reason)
    {
        var ended = session;
        session = null;
        inbox!.Desired.Close();
        ended?.Dispose();
        twin.Fail(reason);
        return Task.CompletedTask;
    }

    /// <summary>One filter a packet: servers were seen to answer several in another order.</summary>
    private async Task SubscribeAsync(string filter, MqttQualityOfServiceLevel qos, CancellationToken token)
    {
        var result = await connection.Client.SubscribeAsync(filter, qos, token);
        if (result.Items.Any(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
        {
            throw new MqttCommunicationException($"the hub does not let us subscribe to {filter}");
        }
    }

    private void TakeMethod(string name, string requestId, ReadOnlyMemory<byte> payload)
    {
        if (session is { } current)
        {
            _ = calls.PassAsync("running a method", async () =>
            {
                await current.Methods.TakeAsync(name, requestId, payload);
                return true;
            }, waits: false, CancellationToken.None);
        }
    }

    /// <summary>An answer that cannot be sent is lost, as the caller's patience will be.</summary>
    private async Task RespondAsync(string requestId, MethodResponse response)
    {
        try
        {
            await PublishAsync(HubTopics.MethodResponse(response.Status, requestId), response.Payload, MqttQualityOfServiceLevel.AtMostOnce, CancellationToken.None);
        }
        catch (HubException)
        {
            accounting.Of("hub.methods", reason: "not answered").Add();
        }
    }

    /// <summary>Publishes, and treats a connection that does not acknowledge in time as bad: MQTTnet would wait for ever.</summary>
    private async Task<bool> PublishAsync(string topic, ReadOnlyMemory<byte> body, MqttQualityOfServiceLevel qos, CancellationToken token)
    {
        HubLimits.Check(topic, body);
        if (session is not { IsReady: true })
        {
            throw new HubException(HubFault.Unavailable, "there is no connection to the hub");
        }

        var message = new MqttApplicationMessage { Topic = topic, Payload = new(body), QualityOfServiceLevel = qos };
        using var patience = new CancellationTokenSource(AcknowledgementPatience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            await connection.Client.PublishAsync(message, either.Token);
            return true;
        }
        catch (Exception e) when (MqttFailure.IsEnvironment(e))
        {
            token.ThrowIfCancellationRequested();
            if (!patience.IsCancellationRequested)
            {
                throw new HubException(HubFault.Unavailable, $"the hub did not get it: {MqttFailure.Cause(e)}", e);
            }

            var reason = $"the hub has not acknowledged a message for {AcknowledgementPatience.TotalSeconds} seconds";
            await connection.DropAsync(reason);
            throw new HubException(HubFault.Unavailable, reason, e);
        }
    }
}
