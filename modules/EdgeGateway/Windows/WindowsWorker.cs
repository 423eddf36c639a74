using System.Threading.Channels;
using EdgeGateway.Ingest;
using EdgeGateway.Stages;
using EdgeGateway.Tracing;
using Microsoft.Extensions.Hosting;

namespace EdgeGateway.Windows;

/// <summary>Runs the Windows stage: readings -> window summaries. Ends when its input completes.</summary>
internal sealed class WindowsWorker(Windower windower, WindowTraces traces, StagePulse pulse, ChannelReader<IngestItem> input, ChannelWriter<StageEvent> output) : BackgroundService
{
    private readonly List<StageEvent> events = [];

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => StageLoop.RunAsync(input, output, pulse, TakeAsync);

    private async ValueTask TakeAsync(IngestItem item)
    {
        if (item.Notice is null)
        {
            windower.Add(item.Reading, events);
            if (!item.Reading.LastOfMessage)
            {
                return;
            }
        }
        else
        {
            Notice(item.Notice);
        }

        foreach (var happened in events)
        {
            if (happened is WindowSummary window)
            {
                traces.Closed(window, item.Notice is null ? item.Reading.ReceivedAt : null);
            }

            await output.WriteAsync(happened);
        }

        events.Clear();
    }

    private void Pass(Tick tick)
    {
        if (tick.ClockIsSet)
        {
            windower.Maintain(tick.Now, events);
        }

        windower.Tick(tick.Now, events);
    }

    private void Notice(StageEvent notice)
    {
        switch (notice)
        {
            case Tick tick:
                Pass(tick);
                events.Add(tick);
                break;
            case Observation { Observed: true } observation:
                windower.Observe(observation.At, observation.Lossy, observation.OfInputs);
                break;
            case Observation observation:
                windower.Unobserve(observation.OfInputs);
                break;
            case SensorForgotten forgotten:
                windower.Forget(forgotten.Sensor, forgotten.At, events);
                events.Add(forgotten);
                break;
            case MaintenanceCommand command:
                windower.Maintain(command, events);
                events.Add(command);
                break;
            case SettingsChanged changed:
                windower.Maintenance.Use(changed.Settings.Alerts.Maintenance);
                events.Add(changed);
                break;
            case WindowQuestion question:
                question.Answer.TrySetResult(windower.Capture(question.SensorId));
                break;
            case Checkpoint checkpoint:
                WindowsSnapshot.Write(windower, checkpoint.Snapshot);
                events.Add(checkpoint);
                break;
            default:
                events.Add(notice);
                break;
        }
    }
}
