using EdgeGateway.Storage;
using Microsoft.Extensions.Hosting;

namespace EdgeGateway.Stages;

/// <summary>
/// Keeps what the report needs of the counters by day, since they begin anew with every start: one small transaction an hour, and one at the end. A kill costs the last hour
/// of them; what an hour holds counts for the day in which it ends.
/// </summary>
internal sealed class DailyCounters(GatewayStore store, Accounting accounting, TimeProvider clock) : BackgroundService
{
    /// <summary>Bytes of payloads that arrived.</summary>
    public const string Received = "bytes.received";

    /// <summary>Bytes of alerts that a sink has taken, by sink.</summary>
    public const string Delivered = "bytes.delivered";

    /// <summary>Alerts that were held back, by reason.</summary>
    public const string Suppressed = "alerts.suppressed";

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly string[] Kept = [Received, Delivered, Suppressed];
    private Dictionary<string, long> stored = [];

    /// <summary>The last of them: the host disposes of its services when all stages have ended, and of the store after this.</summary>
    public override void Dispose()
    {
        Store();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Store();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the stop that was asked for
        }
    }

    private void Store()
    {
        var now = accounting.All().Where(c => Kept.Contains(c.Name)).GroupBy(c => c.Reason.Length == 0 ? c.Name : $"{c.Name}.{c.Reason}").ToDictionary(c => c.Key, c => c.Sum(v => v.Value));
        KeyValuePair<string, long>[] grown = [.. now.Select(c => KeyValuePair.Create(c.Key, c.Value - stored.GetValueOrDefault(c.Key))).Where(c => c.Value > 0)];
        try
        {
            if (grown.Length > 0)
            {
                store.AddDaily(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), grown);
                stored = now;
            }
        }
        catch (StorageException)
        {
            // they are added the next time; what needs the disk more says that there is no room
        }
    }
}
