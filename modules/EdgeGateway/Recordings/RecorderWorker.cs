using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Recordings;

/// <summary>Writes recordings to the disk. A disk that refuses costs recordings and nothing else: they are counted, and the first one is logged.</summary>
internal sealed class RecorderWorker(Recorder recorder, RecordingFolder folder, Accounting accounting, ILogger<RecorderWorker> logger) : BackgroundService
{
    private bool refused;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var recording in recorder.Whole.ReadAllAsync(CancellationToken.None))
        {
            Write(recording);
        }
    }

    private void Write(Recording recording)
    {
        try
        {
            accounting.Of(folder.Add(recording, recorder.MaxBytes) ? "recorder.written" : "recorder.dropped", reason: recording.Alerts.IsEmpty ? "normal" : "alert").Add();
            refused = false;
        }
        catch (StorageException failure)
        {
            accounting.Of("recorder.dropped", reason: "disk").Add();
            if (!refused)
            {
                logger.NotRecorded(failure.Message);
            }

            refused = true;
        }
    }
}
