using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Ingest;

internal static class IngestRegistration
{
    /// <summary>MQTT message -> readings.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services)
    {
        services
            .AddSingleton<SensorRegistry>()
            .AddSingleton(NewState)
            .AddSingleton(p => new IngestWorker(
                [.. p.GetServices<ISensorSource>()], p.GetRequiredService<IngestState>(), p.GetService<DurableAcknowledger>(), p.GetRequiredService<CheckpointSchedule>(), p.GetRequiredService<StagePulses>().Ingest,
                [p.GetRequiredService<StageChannels>().Settings.Reader, p.GetRequiredService<StageChannels>().Questions.Reader], p.GetRequiredService<StageChannels>().Readings.Writer, p.GetRequiredService<TimeProvider>()))
            .AddHostedService(p => p.GetRequiredService<IngestWorker>());
        return services.Any(s => s.ServiceType == typeof(ReadingJournal))
            ? services.AddSingleton(p => new DurableAcknowledger(
                [.. p.GetServices<ISensorSource>()], p.GetRequiredService<ReadingJournal>(), p.GetRequiredService<GatewaySettings>().Broker?.ReceiveMaximum ?? int.MaxValue,
                p.GetRequiredService<FullDisk>(), p.GetRequiredService<TimeProvider>()))
            : services;
    }

    private static IngestState NewState(IServiceProvider p) => IngestState.Create(
        p.GetRequiredService<GatewaySettings>(), p.GetRequiredService<SensorRegistry>(), p.GetRequiredService<ClockState>(), p.GetRequiredService<Accounting>(),
        new RejectionLog(p.GetRequiredService<ILogger<IngestWorker>>()).Add);
}
