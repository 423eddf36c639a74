using System.Threading.Channels;
using EdgeGateway.Stages;
using EdgeGateway.Windows;
using Microsoft.Extensions.Hosting;

namespace EdgeGateway.Prompts;

/// <summary>Runs the Prompts stage: window summary -> prompt. Ends when its input completes.</summary>
internal sealed class PromptsWorker(PromptWriter writer, StagePulse pulse, ChannelReader<StageEvent> input, ChannelWriter<StageEvent> output) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        StageLoop.RunAsync(input, output, pulse, happened => output.WriteAsync(happened is WindowSummary window ? writer.Write(window) : happened));
}
