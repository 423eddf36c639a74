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

    /// <summary>How long what was delivered may stay unmarked.</summary>
    private static readonly TimeSpan LongestUnmarked = TimeSpan.FromSeconds(2);

    private (long Entry, string Reason) said;
    private bool refused;
    private long nextSaid = 1;

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
            // a sink that just refused is tried with one entry: the others are surely not seen by it
            var batch = store.Take(sink.Name, refused ? 1 : LargestBatch, sink.OnlyUrgent);
            accounting.Of("transitions.over_budget", reason: sink.Name).Set(sink.OnlyUrgent ? store.Tallies[sink.Name].Entries - batch.Count : 0);
            SayGone();
            if (batch.Count == 0)
            {
                return true;
            }

            if (!await SendBatchAsync(batch, stopping, drained))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>What was delivered is marked with the whole batch, or after a few seconds: a kill before that repeats it under the same ids, and flash wears less.</summary>
    private async Task<bool> SendBatchAsync(IReadOnlyList<OutboxEntry> batch, CancellationToken stopping, CancellationToken drained)
    {
        var (delivered, began, outcome, tried) = (new List<long>(), clock.GetTimestamp(), Outcome.Gone, (long?)null);
        foreach (var entry in batch.TakeWhile(_ => !stopping.IsCancellationRequested))
        {
            outcome = await SendAsync(entry, delivered, drained);
            tried = outcome == Outcome.Refused ? entry.Entry : null;
            if (outcome != Outcome.Gone)
            {
                break;
            }

            if (clock.GetElapsedTime(began) >= LongestUnmarked)
            {
                await disk.WaitOutAsync(() => store.MarkDelivered(sink.Name, delivered), drained);
                delivered.Clear();
                began = clock.GetTimestamp();
            }
        }

        await disk.WaitOutAsync(() => store.Settle(sink.Name, delivered, tried), drained);
        refused = outcome == Outcome.Refused;
        return !refused;
    }

    private async Task<Outcome> SendAsync(OutboxEntry entry, List<long> delivered, CancellationToken token)
    {
        try
        {
            await sink.SendAsync(FoldedBody.Of(entry), token);
        }
        catch (DeadLetterException e)
        {
            await disk.WaitOutAsync(() => store.MarkDead(sink.Name, entry, e.Message), token);
            logger.DeadLetter(entry.AlertId, entry.Sequence, sink.Name, e.Message);
            return Outcome.Gone;
        }
        catch (OverBudgetException e)
        {
            logger.OverBudget(sink.Name, e.Message);
            return Outcome.Waits;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // whatever went wrong at the other side, the entry stays in the outbox and is tried again
            Say(entry, e.Message);
            return Outcome.Refused;
        }

        delivered.Add(entry.Entry);
        accounting.Of("bytes.delivered", reason: sink.Name).Add(entry.Body.Length);
        return Outcome.Gone;
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

    /// <summary>At the first alerts that go, and each time they are ten times as many.</summary>
    private void SayGone()
    {
        var tally = store.Tallies[sink.Name];
        if (tally.Evicted + tally.Expired >= nextSaid)
        {
            nextSaid = 10 * (tally.Evicted + tally.Expired);
            logger.AlertsGone(sink.Name, tally.Evicted, tally.Expired);
        }
    }

    private enum Outcome { Gone, Waits, Refused }
}
