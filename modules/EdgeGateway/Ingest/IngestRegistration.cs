using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Ingest;

internal static class IngestRegistration
{
    /// <summary>MQTT message -> readings.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services) => services
        .AddSingleton<SensorRegistry>()
        .AddSingleton(NewState)
        .AddSingleton(p => new IngestWorker(
            p.GetRequiredService<ISensorSource>(), p.GetRequiredService<IngestState>(), Durable(p), p.GetRequiredService<CheckpointSchedule>(),
            p.GetRequiredService<StageChannels>().Readings.Writer, p.GetRequiredService<TimeProvider>()))
        .AddHostedService(p => p.GetRequiredService<IngestWorker>());

    private static IngestState NewState(IServiceProvider p) => IngestState.Create(
        p.GetRequiredService<GatewaySettings>(), p.GetRequiredService<SensorRegistry>(), p.GetRequiredService<ClockState>(), p.GetRequiredService<Accounting>(),
        new RejectionLog(p.GetRequiredService<ILogger<IngestWorker>>()).Add);

    private static DurableAcknowledger? Durable(IServiceProvider p) => p.GetService<ReadingJournal>() is { } journal
        ? new DurableAcknowledger(journal, p.GetRequiredService<GatewaySettings>().Broker.ReceiveMaximum, p.GetRequiredService<TimeProvider>())
        : null;
}
