using System.Threading.Channels;
using EdgeGateway.Recordings;
using EdgeGateway.Stages;
using EdgeGateway.Tracing;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using Microsoft.Extensions.Hosting;

namespace EdgeGateway.Alerts;

/// <summary>Runs the Alerts stage: verdicts and notices -> transitions of alerts. Ends when its input completes.</summary>
/// <param name="recorder">Looks on.</param>
internal sealed class AlertsWorker(AlertRules rules, string gateway, Recorder recorder, WindowTraces traces, StagePulse pulse, ChannelReader<StageEvent> input, ChannelWriter<StageEvent> output) : BackgroundService
{
    private readonly List<Alert> transitions = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StageLoop.RunAsync(input, output, pulse, TakeAsync);
        }
        finally
        {
            recorder.Complete();
            traces.Use(null);
        }
    }

    private async ValueTask TakeAsync(StageEvent happened)
    {
        if (happened is Checkpoint checkpoint)
        {
            AlertsSnapshot.Write(rules, checkpoint.Snapshot, gateway);
            await output.WriteAsync(checkpoint);
            return;
        }

        rules.Add(happened, transitions);
        recorder.Take(happened, transitions, rules.LifeCycle.Conditions);
        foreach (var alert in transitions)
        {
            await output.WriteAsync(alert);
        }

        Trace(happened);
        if (happened is SettingsChanged or AlertCommand or MaintenanceCommand)
        {
            await output.WriteAsync(happened);
        }

        transitions.Clear();
    }

    private void Trace(StageEvent happened)
    {
        if (happened is Verdict verdict)
        {
            traces.Add(verdict, transitions);
        }
        else if (happened is SettingsChanged changed)
        {
            traces.Use(changed.Settings.Operations.Traces);
        }
    }
}
