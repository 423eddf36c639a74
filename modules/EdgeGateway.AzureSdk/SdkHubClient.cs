using System.Text;
using EdgeGateway.Hub;
using Microsoft.Azure.Devices.Shared;
using Sdk = Microsoft.Azure.Devices.Client;

namespace EdgeGateway.AzureSdk;

/// <summary>
/// IoT Hub and edgeHub through Microsoft's device SDK, over its MQTT transport. Each connection has a ModuleClient of its own that never retries: the SDK's own policy storms (at most 10 s
/// between attempts) and its clients get stuck, so one whose connection ended is thrown away, and the loop here makes the next, with full jitter.
/// </summary>
/// <param name="connect">Makes a ModuleClient, not yet open, with a token that holds for some time.</param>
internal sealed class SdkHubClient(HubIdentity identity, Func<CancellationToken, Task<SdkConnection>> connect, TimeProvider clock, Random jitter) : IHubClient
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Stable = TimeSpan.FromMinutes(1);
    private volatile SdkConnection? connection;
    private string? lastCause;
    private int attempts;

    /// <inheritdoc/>
    public HubIdentity Identity => identity;

    private SdkConnection Connection => connection ?? throw new HubException(HubFault.Unavailable, "There is no connection to the hub.");

    /// <inheritdoc/>
    public async Task RunAsync(HubHandlers handlers, CancellationToken token)
    {
        while (true)
        {
            var since = clock.GetTimestamp();
            if (await ConnectAndStayAsync(handlers, token) is { } cause)
            {
                attempts = clock.GetElapsedTime(since) > Stable ? 1 : attempts + 1;
                if (cause != lastCause)
                {
                    lastCause = cause;
                    handlers.Disconnected(cause);
                }

                await Task.Delay(Delay(), clock, token);
            }
        }
    }

    /// <inheritdoc/>
    public Task SendAsync(HubMessage message, CancellationToken token)
    {
        return Connection.AskAsync<object?>(
            async client =>
            {
                using var sent = new Sdk.Message(message.Body.ToArray()) { MessageId = message.Id, ContentType = "application/json", ContentEncoding = "utf-8" };
                foreach (var (name, value) in message.Properties)
                {
                    sent.Properties[name] = value;
                }

                await client.SendEventAsync(message.Output, sent, CancellationToken.None);
                return null;
            },
            token);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> GetTwinAsync(CancellationToken token)
    {
        var properties = await Connection.AskAsync(async client => (await client.GetTwinAsync(CancellationToken.None)).Properties, token);
        return Encoding.UTF8.GetBytes($$"""{"desired":{{properties.Desired.ToJson()}},"reported":{{properties.Reported.ToJson()}}}""");
    }

    /// <inheritdoc/>
    public Task UpdateReportedAsync(ReadOnlyMemory<byte> patch, CancellationToken token) => Connection.AskAsync<object?>(
        async client =>
        {
            await client.UpdateReportedPropertiesAsync(new TwinCollection(Encoding.UTF8.GetString(patch.Span)), CancellationToken.None);
            return null;
        },
        token);

    /// <summary>One connection from its beginning to its end; says why it ended, or null when it was time for a new token.</summary>
    private async Task<string?> ConnectAndStayAsync(HubHandlers handlers, CancellationToken token)
    {
        try
        {
            await using var opened = await connect(token);
            await opened.OpenAsync(handlers, token);
            connection = opened;
            await handlers.Connected(token);
            lastCause = null;
            await foreach (var patch in opened.DesiredChanges(token))
            {
                handlers.DesiredChanged(patch);
            }

            return null;
        }
        catch (HubException e)
        {
            return e.Message;
        }
        finally
        {
            connection = null;
        }
    }

    /// <summary>Full jitter: uniform between nothing and the doubled delay.</summary>
    private TimeSpan Delay() => Math.Min(LongestDelay.TotalSeconds, FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 20))) * jitter.NextDouble() * TimeSpan.FromSeconds(1);
}
