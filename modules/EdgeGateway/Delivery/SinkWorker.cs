using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Delivery;

/// <summary>
/// Runs the second half of the Delivery stage for one sink: outbox -> sink, in order, at least once under one id. What cannot be sent stays in the outbox; the sink is
/// tried again after a growing pause. At the end it drains what the sink takes within a few seconds.
/// </summary>
internal sealed class SinkWorker(IAlertSink sink, GatewayStore store, Outbox outbox, OutboxWorker before, FullDisk disk, Accounting accounting, TimeProvider clock, ILogger<SinkWorker> logger) : BackgroundService
{
    private const int LargestBatch = 100;
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        store.RegisterSinks([sink.Name]);
        accounting.Of("alerts.carried_over", sink.Name).Add(store.Backlogs().First(b => b.Sink == sink.Name).Pending);
        using var closing = new CancellationTokenSource();
        using var sending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var open = sink.RunAsync(closing.Token);
        var sent = SendToTheEndAsync(sending.Token);
        if (await Task.WhenAny(open, sent) == open)
        {
            // it ends by a fault only: that stops the process, as the fault of any stage does
            await sending.CancelAsync();
            await open;
        }

        await sent;
        await closing.CancelAsync();
        try
        {
            await open;
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // closed as asked
        }
    }

    private async Task SendToTheEndAsync(CancellationToken stoppingToken)
    {
        await SendUntilStoppedAsync(stoppingToken);
        await before.Drained;
        using var deadline = new CancellationTokenSource(DrainTime, clock);
        await SendAllAsync(deadline.Token);
    }

    private async Task SendUntilStoppedAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.Zero;
        while (!stoppingToken.IsCancellationRequested)
        {
            pause = await SendAllAsync(stoppingToken) ? TimeSpan.Zero : Longer(pause);
            try
            {
                await outbox.WaitAsync(pause > TimeSpan.Zero ? pause : LongestPause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
        }
    }

    private static TimeSpan Longer(TimeSpan pause) =>
        pause == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : pause * 2 > LongestPause ? LongestPause : pause * 2;

    /// <summary>Sends what is pending; false when the sink did not take it.</summary>
    private async Task<bool> SendAllAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            var pending = store.NextPending(sink.Name, LargestBatch);
            if (pending.Count == 0)
            {
                return true;
            }

            foreach (var entry in pending)
            {
                if (!await SendAsync(entry, token))
                {
                    return false;
                }
            }
        }

        return false;
    }

    private async Task<bool> SendAsync(OutboxEntry entry, CancellationToken token)
    {
        using var timeout = new CancellationTokenSource(SendTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, timeout.Token);
        try
        {
            await sink.SendAsync(entry, either.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // whatever went wrong at the other side, the entry stays in the outbox and is tried again
            logger.NotDelivered(entry.AlertId, entry.Sequence, sink.Name, e.Message);
            return false;
        }

        await disk.WaitOutAsync(() => store.MarkDelivered(sink.Name, entry.Entry), token);
        accounting.Of("alerts.delivered", sink.Name).Add();
        return true;
    }
}
