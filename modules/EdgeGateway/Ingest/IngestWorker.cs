using System.Collections.Concurrent;
using System.Threading.Channels;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Hosting;

namespace EdgeGateway.Ingest;

/// <summary>
/// Runs the Ingest stage: takes messages from the sources, hands readings on, and acknowledges. The only stage that obeys the stop token; when it ends it completes its
/// writer, and each later stage ends when its input completes. A full channel holds up the sources, which hold up the broker and edgeHub (back-pressure).
/// </summary>
/// <param name="durable">Null: a message is acknowledged when it was taken.</param>
internal sealed class IngestWorker(
    IReadOnlyList<ISensorSource> sources, IngestState state, DurableAcknowledger? durable, CheckpointSchedule checkpoints, StagePulse pulse, IReadOnlyList<ChannelReader<StageEvent>> control, ChannelWriter<IngestItem> output, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim betweenMessages = new(1, 1);
    private readonly ConcurrentQueue<SourceConnection> changes = new();
    private readonly List<SensorReading> taken = [];

    /// <summary>A fault while a message is taken; sources may hide what their handler throws.</summary>
    private readonly TaskCompletionSource fault = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public override void Dispose()
    {
        betweenMessages.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Exception? failed = null;
        try
        {
            await RunUntilStoppedAsync(stoppingToken);
            await checkpoints.Settled;
            await CheckpointAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            failed = e;
            throw;
        }
        finally
        {
            output.TryComplete(failed);
        }
    }

    private async Task RunUntilStoppedAsync(CancellationToken stoppingToken)
    {
        using var any = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        List<Task> running = [.. sources.Select(s => s.RunAsync(TakeAsync, changes.Enqueue, any.Token)), TickAsync(any.Token), .. control.Select(c => ControlAsync(c, any.Token)), fault.Task];
        if (durable is not null)
        {
            running.Add(durable.RunAsync(any.Token));
        }

        await Task.WhenAny(running);
        await any.CancelAsync();
        fault.TrySetResult();
        try
        {
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the stop that was asked for
        }
    }

    private async ValueTask TakeAsync(SensorMessage message)
    {
        await betweenMessages.WaitAsync();
        pulse.Begin();
        try
        {
            await PassOnChangesAsync();
            var arrived = state.Take(message, taken);
            if (durable is not null)
            {
                await durable.AddAsync(message.Number, arrived);
            }

            await PassOnTakenAsync();
        }
        catch (Exception e)
        {
            fault.TrySetException(e);
            throw;
        }
        finally
        {
            pulse.End();
            betweenMessages.Release();
        }
    }

    /// <summary>Settings and questions from outside.</summary>
    private async Task ControlAsync(ChannelReader<StageEvent> control, CancellationToken token)
    {
        await foreach (var asked in control.ReadAllAsync(token))
        {
            await betweenMessages.WaitAsync(token);
            try
            {
                await PassOnChangesAsync();
                if (asked is SettingsChanged changed)
                {
                    await UseAsync(changed);
                }

                await output.WriteAsync(new IngestItem(default, asked), CancellationToken.None);
            }
            finally
            {
                betweenMessages.Release();
            }

            if (asked is SettingsChanged mark)
            {
                // not between messages: the broker's answer comes behind messages that wait to be taken
                await Task.WhenAll(sources.Select(s => s.UseAsync(mark.Settings, token)));
                mark.Subscribed.TrySetResult();
            }
        }
    }

    private async Task UseAsync(SettingsChanged changed)
    {
        var notices = state.Use(changed.Settings, clock.GetUtcNow(), taken);
        await PassOnTakenAsync();
        foreach (var notice in notices)
        {
            await output.WriteAsync(new IngestItem(default, notice), CancellationToken.None);
        }
    }

    private async Task TickAsync(CancellationToken token)
    {
        using var timer = new PeriodicTimer(TickInterval, clock);
        while (await timer.WaitForNextTickAsync(token))
        {
            await betweenMessages.WaitAsync(token);
            try
            {
                await PassOnChangesAsync();
                state.Order.Tick(clock.GetUtcNow(), taken);
                await PassOnTakenAsync();
                foreach (var notice in state.Tick(clock.GetUtcNow()))
                {
                    await output.WriteAsync(new IngestItem(default, notice), token);
                }
            }
            finally
            {
                betweenMessages.Release();
            }

            if (checkpoints.IsDue(durable?.JournalBytes ?? 0))
            {
                await CheckpointAsync(token);
            }
        }
    }

    /// <summary>Puts a checkpoint between two messages.</summary>
    private async Task CheckpointAsync(CancellationToken token)
    {
        await betweenMessages.WaitAsync(token);
        try
        {
            // from here on to the end, also when the stop comes now: what was begun must reach the last stage
            var position = durable is null ? 0 : await durable.CommitAsync(CancellationToken.None);
            foreach (var forgotten in state.Forget(clock.GetUtcNow()))
            {
                await output.WriteAsync(new IngestItem(default, forgotten), CancellationToken.None);
            }

            var checkpoint = new Checkpoint(position, checkpoints.Begin(new SnapshotHeader(position, clock.GetUtcNow())));
            state.WriteTo(checkpoint.Snapshot);
            await output.WriteAsync(new IngestItem(default, checkpoint), CancellationToken.None);
        }
        finally
        {
            betweenMessages.Release();
        }
    }

    private async ValueTask PassOnTakenAsync()
    {
        foreach (var reading in taken)
        {
            await output.WriteAsync(new IngestItem(reading, null));
        }

        taken.Clear();
    }

    private async Task PassOnChangesAsync()
    {
        while (changes.TryDequeue(out var change))
        {
            foreach (var notice in state.Outages.Changed(change))
            {
                await output.WriteAsync(new IngestItem(default, notice));
            }
        }
    }
}
