using System.Threading.Channels;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Hosting;

namespace EdgeGateway.Delivery;

/// <summary>
/// Runs the first half of the Delivery stage: alerts -> outbox. With a journal the readings behind an alert are made durable first: a restart then never knows an alert but not
/// its cause. Also completes checkpoints, being the last stage that they pass.
/// </summary>
internal sealed class OutboxWorker(
    Outbox outbox, CheckpointSchedule checkpoints, ReadingJournal? journal, DurableAcknowledger? durable, ChannelReader<StageEvent> input) : BackgroundService
{
    private const int LargestBatch = 256;
    private readonly List<Alert> alerts = [];

    /// <summary>Completes when every alert of the stages before is in the outbox.</summary>
    public Task Drained => ExecuteTask ?? Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await input.WaitToReadAsync(CancellationToken.None))
        {
            Checkpoint? checkpoint = null;
            while (checkpoint is null && alerts.Count < LargestBatch && input.TryRead(out var happened))
            {
                checkpoint = happened as Checkpoint;
                if (happened is Alert alert)
                {
                    alerts.Add(alert);
                }
            }

            await CommitAsync();
            if (checkpoint is not null)
            {
                checkpoints.Completed(await checkpoint.Snapshot.CommitAsync());
                checkpoint.Snapshot.Dispose();
                journal?.Truncate(checkpoint.JournalPosition);
            }
        }

        outbox.Close();
    }

    private async Task CommitAsync()
    {
        if (alerts.Count > 0 && durable is not null)
        {
            await durable.CommitAsync(CancellationToken.None);
        }

        outbox.Commit(alerts);
        alerts.Clear();
    }
}
