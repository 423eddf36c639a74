using System.Threading.Channels;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Delivery;

/// <summary>
/// Runs the first half of the Delivery stage: alerts -> outbox. With a journal the readings behind an alert are made durable first: a restart then never knows an alert but not
/// its cause. Also completes checkpoints, being the last stage that they pass.
/// </summary>
internal sealed class OutboxWorker(
    Outbox outbox, CheckpointSchedule checkpoints, ReadingJournal? journal, DurableAcknowledger? durable, FullDisk disk, StagePulse pulse, ChannelReader<StageEvent> input,
    ILogger<OutboxWorker> logger) : BackgroundService
{
    private const int LargestBatch = 256;
    private readonly List<Alert> alerts = [];
    private StorageException? notWritten;

    /// <summary>Completes when every alert of the stages before is in the outbox.</summary>
    public Task Drained => ExecuteTask ?? Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await input.WaitToReadAsync(CancellationToken.None))
        {
            pulse.Begin();
            Checkpoint? checkpoint = null;
            SettingsChanged? changed = null;
            StageCommand? command = null;
            while (checkpoint is null && changed is null && command is null && alerts.Count < LargestBatch && input.TryRead(out var happened))
            {
                checkpoint = happened as Checkpoint;
                changed = happened as SettingsChanged;
                command = happened as StageCommand;
                if (happened is Alert alert)
                {
                    alerts.Add(alert);
                }
            }

            await CommitAsync();
            if (checkpoint is not null)
            {
                await CompleteAsync(checkpoint);
            }

            command?.Answered();
            if (changed is not null)
            {
                checkpoints.Use(changed.Settings.Storage.WriteBudgetBytes);
                await disk.WaitOutAsync(() => outbox.Use(changed.Settings), CancellationToken.None);
                changed.InForce.TrySetResult();
            }

            pulse.End();
        }

        if (notWritten is not null)
        {
            throw notWritten;
        }

        outbox.Close();
    }

    /// <summary>A full disk costs this snapshot only: the one before stays in force, and with it the journal. After the last checkpoint nothing may be missing.</summary>
    private async Task CompleteAsync(Checkpoint checkpoint)
    {
        using var snapshot = checkpoint.Snapshot;
        try
        {
            checkpoints.Completed(await snapshot.CommitAsync());
            journal?.Truncate(checkpoint.JournalPosition);
            notWritten = null;
        }
        catch (StorageException failure) when (failure.Fault == StorageFault.Full)
        {
            logger.SnapshotNotWritten(failure.Message);
            checkpoints.Failed();
            notWritten = failure;
        }
    }

    private async Task CommitAsync()
    {
        if (alerts.Count > 0 && durable is not null)
        {
            await durable.CommitAsync(CancellationToken.None);
        }

        await disk.WaitOutAsync(() => outbox.Commit(alerts), CancellationToken.None);
        alerts.Clear();
    }
}
