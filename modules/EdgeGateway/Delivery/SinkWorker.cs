using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Delivery;

/// <summary>
/// Runs the second half of the Delivery stage for one sink: outbox -> sink, in order, at least once under one id. What cannot be sent stays in the outbox; the sink is
/// tried again after a growing pause. When the gateway stops it still sends what the sink takes within a few seconds.
/// </summary>
internal sealed class SinkWorker(IAlertSink sink, GatewayStore store, Outbox outbox, OutboxWorker before, FullDisk disk, Accounting accounting, TimeProvider clock, ILogger<SinkWorker> logger) : BackgroundService
{
    private const int LargestBatch = 100;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(6);
    private (long Entry, string Reason) said;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var closing = new CancellationTokenSource();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using var drained = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        using var drain = stoppingToken.Register(() => drained.CancelAfter(DrainTime));
        var open = sink.RunAsync(closing.Token);
        var sent = SendToTheEndAsync(stopping.Token, drained.Token);
        if (await Task.WhenAny(open, sent) == open)
        {
            // it ends by a fault only: that stops the process, as the fault of any stage does
            await drained.CancelAsync();
            await stopping.CancelAsync();
            await open;
        }

        try
        {
            await sent;
        }
        finally
        {
            await closing.CancelAsync();
        }

        try
        {
            await open;
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // closed as asked
        }
    }

    private async Task SendToTheEndAsync(CancellationToken stopping, CancellationToken drained)
    {
        await SendUntilStoppedAsync(stopping, drained);
        await before.Drained;
        await SendAllAsync(drained, drained);
    }

    private async Task SendUntilStoppedAsync(CancellationToken stopping, CancellationToken drained)
    {
        var pause = TimeSpan.Zero;
        while (!stopping.IsCancellationRequested)
        {
            pause = await SendAllAsync(stopping, drained) ? TimeSpan.Zero : Longer(pause);
            try
            {
                await outbox.WaitAsync(sink.Name, pause > TimeSpan.Zero ? pause : LongestPause, clock, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
        }
    }

    private static TimeSpan Longer(TimeSpan pause) =>
        pause == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : pause * 2 > LongestPause ? LongestPause : pause * 2;

    /// <summary>Sends what is pending, up to the entry that is on its way when it is to stop; false when the sink did not take it.</summary>
    private async Task<bool> SendAllAsync(CancellationToken stopping, CancellationToken drained)
    {
        while (!stopping.IsCancellationRequested)
        {
            var pending = store.NextPending(sink.Name, LargestBatch);
            if (pending.Count == 0)
            {
                return true;
            }

            foreach (var entry in pending.TakeWhile(_ => !stopping.IsCancellationRequested))
            {
                if (!await SendAsync(entry, drained))
                {
                    return false;
                }
            }
        }

        return false;
    }

    private async Task<bool> SendAsync(OutboxEntry entry, CancellationToken token)
    {
        try
        {
            await sink.SendAsync(entry, token);
        }
        catch (DeadLetterException e)
        {
            await disk.WaitOutAsync(() => store.MarkDead(sink.Name, entry, e.Message), token);
            accounting.Of("alerts.dead", reason: sink.Name).Add();
            logger.DeadLetter(entry.AlertId, entry.Sequence, sink.Name, e.Message);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // whatever went wrong at the other side, the entry stays in the outbox and is tried again
            Say(entry, e.Message);
            return false;
        }

        await disk.WaitOutAsync(() => store.MarkDelivered(sink.Name, entry.Entry), token);
        accounting.Of("alerts.delivered", reason: sink.Name).Add();
        accounting.Of("bytes.delivered", reason: sink.Name).Add(entry.Body.Length);
        return true;
    }

    /// <summary>Once for an entry and a reason: a hub may be away for days.</summary>
    private void Say(OutboxEntry entry, string reason)
    {
        if (said != (entry.Entry, reason))
        {
            said = (entry.Entry, reason);
            logger.NotDelivered(entry.AlertId, entry.Sequence, sink.Name, reason);
        }
    }
}
