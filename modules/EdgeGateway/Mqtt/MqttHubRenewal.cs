using EdgeGateway.Hub;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Mqtt;

/// <summary>Changes the connection for one with a new token before the old one expires: over MQTT there is no other way, and the server would cut it some minutes after.</summary>
internal sealed class MqttHubRenewal(HubAccess access, MqttHubSignIn signIn, CallGate calls, MqttConnection connection, TimeProvider clock, Random jitter, ILogger logger)
{
    private static readonly TimeSpan QuietPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(20);

    /// <summary>Waits until it is time, and renews the connection; nothing is to be done for one without a token. Never throws.</summary>
    /// <param name="closed">Cancelled when the connection ends by itself.</param>
    public async Task RunAsync(CancellationToken closed)
    {
        try
        {
            if (signIn.Used?.Token is not null)
            {
                // at least the 5 minutes that clocks may differ by, of an hour
                await Task.Delay(access.TokenLifetime * (1 - ((1 + jitter.NextDouble()) / 12)), clock, closed);
                await RenewAsync(closed);
            }
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // the connection ended before: the next one has a new token anyway
            calls.Open();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            connection.Fail(e);
        }
    }

    /// <summary>The new token is there before the connection is ended: while it cannot be had, the old one serves.</summary>
    private async Task RenewAsync(CancellationToken closed)
    {
        var ticket = await NextTicketAsync(closed);
        await calls.CloseAsync(QuietPatience, closed);
        closed.ThrowIfCancellationRequested();
        signIn.Next = ticket;
        await connection.RenewAsync();
    }

    private async Task<HubTicket> NextTicketAsync(CancellationToken token)
    {
        while (true)
        {
            try
            {
                return await access.TicketAsync(token);
            }
            catch (Exception e) when (MqttFailure.IsEnvironment(e) && !token.IsCancellationRequested)
            {
                logger.NoNewToken(connection.ClientId, e.Message);
                await Task.Delay(Pause, clock, token);
            }
        }
    }
}
