using System.Threading.Channels;
using EdgeGateway.Stages;
using EdgeGateway.Windows;
using Microsoft.Extensions.Hosting;

namespace EdgeGateway.Alerts;

/// <summary>Runs the Alerts stage: verdicts and notices -> transitions of alerts. Ends when its input completes.</summary>
internal sealed class AlertsWorker(AlertRules rules, string gateway, ChannelReader<StageEvent> input, ChannelWriter<StageEvent> output) : BackgroundService
{
    private readonly List<Alert> transitions = [];

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => StageLoop.RunAsync(input, output, TakeAsync);

    private async ValueTask TakeAsync(StageEvent happened)
    {
        if (happened is Checkpoint checkpoint)
        {
            AlertsSnapshot.Write(rules, checkpoint.Snapshot, gateway);
            await output.WriteAsync(checkpoint);
            return;
        }

        rules.Add(happened, transitions);
        foreach (var alert in transitions)
        {
            await output.WriteAsync(alert);
        }

        if (happened is SettingsChanged or AlertCommand or MaintenanceCommand)
        {
            await output.WriteAsync(happened);
        }

        transitions.Clear();
    }
}
