using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Twin;

/// <summary>
/// Brings the reported properties to what is to be said: changes only, gathered for a while, one update in flight, at most 8 KB in all. After each connect the first one waits
/// for a random time, and after each refusal for being too busy for a longer one: a fleet that comes back together would throttle its hub.
/// </summary>
internal sealed class ReportedProperties(IHubClient hub, TimeProvider clock, Random jitter, ILogger logger) : IDisposable
{
    /// <summary>Bytes of all reported properties.</summary>
    public const int Largest = 8 * 1024;

    /// <summary>How long changes are gathered.</summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait after a connect; doubled with every failure.</summary>
    public static readonly TimeSpan Spread = TimeSpan.FromSeconds(30);

    /// <summary>16 minutes.</summary>
    private const int MostDoublings = 5;

    private readonly Lock gate = new();
    private readonly SemaphoreSlim due = new(0);
    private JsonObject known = [];
    private JsonObject? wanted;
    private string refused = "";
    private bool connected;
    private bool spread;
    private int failures;

    /// <summary>What the hub has of us, as a whole twin says, on a connection that was just made.</summary>
    public void TakeWhole(JsonObject reported)
    {
        lock (gate)
        {
            known = TwinJson.Own(reported);
        }

        Connected();
    }

    /// <summary>A connection was made, and what the hub has of us is taken to be what it had.</summary>
    public void Connected()
    {
        lock (gate)
        {
            spread |= !connected;
            connected = true;
        }

        due.Release();
    }

    /// <summary>There is no connection: nothing is sent before the next whole twin.</summary>
    public void Disconnected()
    {
        lock (gate)
        {
            (connected, failures) = (false, 0);
        }
    }

    /// <summary>Says this from now on. What exceeds the bound is cut: texts first, then the sections at the end.</summary>
    public void Say(JsonObject properties)
    {
        var fitting = Fit((JsonObject)properties.DeepClone());
        lock (gate)
        {
            wanted = fitting;
        }

        due.Release();
    }

    /// <summary>Sends what changed until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (true)
        {
            await due.WaitAsync(token);
            await Task.Delay(Gathering, clock, token);
            await Task.Delay(Spreading(), clock, token);
            if (NextPatch() is { } patch)
            {
                await SendAsync(patch, token);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => due.Dispose();

    private TimeSpan Spreading()
    {
        lock (gate)
        {
            var pause = spread ? Spread * (1 << failures) * jitter.NextDouble() : TimeSpan.Zero;
            spread = false;
            return pause;
        }
    }

    /// <summary>Null while there is nothing to send, or nowhere.</summary>
    private JsonObject? NextPatch()
    {
        lock (gate)
        {
            return connected && wanted is not null && TwinJson.Difference(known, wanted) is { Count: > 0 } patch && patch.ToJsonString() != refused ? patch : null;
        }
    }

    private async Task SendAsync(JsonObject patch, CancellationToken token)
    {
        try
        {
            await hub.UpdateReportedAsync(JsonSerializer.SerializeToUtf8Bytes(patch), token);
            lock (gate)
            {
                TwinJson.Merge(known, patch);
                (refused, failures) = ("", 0);
            }
        }
        catch (HubException e) when (e.Fault is HubFault.Refused or HubFault.TooLarge)
        {
            // the same again would be refused again: it waits for the next change
            refused = patch.ToJsonString();
            logger.ReportRefused(e.Message);
        }
        catch (HubException e)
        {
            logger.ReportNotSent(e.Message);
            lock (gate)
            {
                (spread, failures) = (true, connected ? Math.Min(failures + 1, MostDoublings) : 0);
            }

            // without a connection the next one sends it
            due.Release();
        }
    }

    private static JsonObject Fit(JsonObject properties)
    {
        foreach (var section in properties.Select(p => p.Value).OfType<JsonObject>().Where(s => s["error"] is not null && Bytes(properties) > Largest).ToList())
        {
            section["error"] = "There is more to say than fits; the log and the command status say it.";
        }

        while (Bytes(properties) > Largest)
        {
            properties.RemoveAt(properties.Count - 1);
        }

        return properties;
    }

    private static int Bytes(JsonObject properties) => Encoding.UTF8.GetByteCount(properties.ToJsonString());
}
