using System.Threading.Channels;
using EdgeGateway.Alerts;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Hosting;

namespace EdgeGateway.Delivery;

/// <summary>Runs the first half of the Delivery stage: alerts -> outbox. Also completes checkpoints, being the last stage that they pass.</summary>
internal sealed class OutboxWorker(Outbox outbox, CheckpointSchedule checkpoints, ReadingJournal? journal, ChannelReader<StageEvent> input) : BackgroundService
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

            outbox.Commit(alerts);
            alerts.Clear();
            if (checkpoint is not null)
            {
                checkpoints.Completed(await checkpoint.Snapshot.CommitAsync());
                checkpoint.Snapshot.Dispose();
                journal?.Truncate(checkpoint.JournalPosition);
            }
        }

        outbox.Close();
    }
}
