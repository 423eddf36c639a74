using System.Text;
using EdgeGateway.Hub;
using EdgeGateway.Mqtt;
using Microsoft.Azure.Devices.Shared;
using Sdk = Microsoft.Azure.Devices.Client;

namespace EdgeGateway.AzureSdk;

/// <summary>
/// IoT Hub and edgeHub through Microsoft's device SDK, over its MQTT transport (../../docs/azure-sdk.md). Each connection has a ModuleClient of its own that never retries: the SDK's
/// policy storms (at most 10 s between attempts) and its clients get stuck, so the loop here makes the next, with full jitter.
/// </summary>
internal sealed class SdkHubClient(HubAccess access, TimeProvider clock, Random jitter) : IHubClient, IDisposable
{
    private readonly Backoff backoff = new(Delays.OfHub, jitter);
    private readonly HubTopics topics = new(access.Identity);
    private volatile SdkConnection? connection;
    private string? lastCause;

    /// <inheritdoc/>
    public HubIdentity Identity => access.Identity;

    private SdkConnection Connection => connection ?? throw new HubException(HubFault.Unavailable, "there is no connection to the hub");

    /// <inheritdoc/>
    public async Task RunAsync(HubHandlers handlers, CancellationToken token)
    {
        while (true)
        {
            var began = clock.GetTimestamp();
            backoff.Attempted();
            if (await ConnectAndStayAsync(handlers, token) is { } ending)
            {
                backoff.Lasted(clock.GetElapsedTime(began));
                if (ending.Message != lastCause)
                {
                    lastCause = ending.Message;
                    handlers.Disconnected(ending.Message);
                }

                await Task.Delay(backoff.Next(SdkFaults.IsRefusal(ending)), clock, token);
            }
        }
    }

    /// <inheritdoc/>
    public Task SendAsync(HubMessage message, CancellationToken token)
    {
        var created = clock.GetUtcNow();
        HubLimits.Check(topics.Events(PropertyBag.Write(message, hasOutput: true, created)), message.Body);
        return Connection.AskAsync(client => SendAsync(client, message, created), token);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> GetTwinAsync(CancellationToken token)
    {
        var properties = await Connection.AskAsync(async client => (await client.GetTwinAsync(CancellationToken.None)).Properties, token);
        return Encoding.UTF8.GetBytes($$"""{"desired":{{properties.Desired.ToJson()}},"reported":{{properties.Reported.ToJson()}}}""");
    }

    /// <inheritdoc/>
    public Task UpdateReportedAsync(ReadOnlyMemory<byte> patch, CancellationToken token) => Connection.AskAsync(
        async client =>
        {
            await client.UpdateReportedPropertiesAsync(new TwinCollection(Encoding.UTF8.GetString(patch.Span)), CancellationToken.None);
            return true;
        },
        token);

    /// <inheritdoc/>
    public void Dispose() => access.Dispose();

    /// <summary>One connection from its beginning to its end; gives why it ended, or null when it was time for a new token.</summary>
    private async Task<HubException?> ConnectAndStayAsync(HubHandlers handlers, CancellationToken token)
    {
        try
        {
            await using var opened = await SdkConnection.NewAsync(access, clock, token);
            await opened.OpenAsync(handlers, token);
            connection = opened;
            await handlers.Connected(token);
            await opened.OpenInputsAsync(handlers, token);
            lastCause = null;
            await foreach (var patch in opened.DesiredChanges(token))
            {
                handlers.DesiredChanged(patch);
            }

            connection = null;
            return null;
        }
        catch (HubException e)
        {
            return e;
        }
        finally
        {
            connection = null;
        }
    }

    private static async Task<bool> SendAsync(Sdk.ModuleClient client, HubMessage message, DateTimeOffset created)
    {
        using var sent = new Sdk.Message(message.Body.ToArray()) { MessageId = message.Id, ContentType = "application/json", ContentEncoding = "utf-8", CreationTimeUtc = created.UtcDateTime };
        foreach (var (name, value) in message.Properties)
        {
            sent.Properties[name] = value;
        }

        await client.SendEventAsync(message.Output, sent, CancellationToken.None);
        return true;
    }
}
