using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Verdicts;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGateway.Operations;

/// <summary>The parts of the running stages that commands look at.</summary>
internal sealed record RunningGateway(GatewaySettings Settings, Accounting Accounting, GatewayStore Store, LastVerdicts Verdicts, StageChannels Channels, SensorModel Model, StagePulses Pulses, FullDisk Disk, DateTimeOffset Since)
{
    /// <summary>How long the stages may take to answer; behind a full backlog they take longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The parts of stages that run.</summary>
    public static RunningGateway Of(IServiceProvider services, GatewaySettings settings, DateTimeOffset since) => new(
        settings, services.GetRequiredService<Accounting>(), services.GetRequiredService<GatewayStore>(), services.GetRequiredService<LastVerdicts>(), services.GetRequiredService<StageChannels>(),
        services.GetRequiredService<SensorModel>(), services.GetRequiredService<StagePulses>(), services.GetRequiredService<FullDisk>(), since);

    /// <summary>Whether a stage waits for room on the disk.</summary>
    public bool IsWaitingForDisk => Disk.IsWaiting;

    /// <summary>Sends a question through the stages; the default when they have not answered in time. What it asks for may then still be done.</summary>
    public async Task<T?> AskAsync<T>(StageEvent question, Task<T> answer, TimeProvider clock, CancellationToken token)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
            await Channels.Questions.Writer.WriteAsync(question, either.Token);
            return await answer.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return default;
        }
    }
}
