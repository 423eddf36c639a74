using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Delivery;

internal static class DeliveryRegistration
{
    /// <summary>Alert -> outbox -> sinks.</summary>
    public static IServiceCollection AddDelivery(this IServiceCollection services) => services
        .AddSingleton(p => new Outbox(
            p.GetRequiredService<GatewayStore>(), p.GetRequiredService<GatewaySettings>().Gateway, [p.GetRequiredService<IAlertSink>().Name], p.GetRequiredService<Accounting>()))
        .AddSingleton(p => new OutboxWorker(
            p.GetRequiredService<Outbox>(), p.GetRequiredService<CheckpointSchedule>(), p.GetService<ReadingJournal>(), p.GetService<DurableAcknowledger>(),
            p.GetRequiredService<FullDisk>(), p.GetRequiredService<StageChannels>().Alerts.Reader, p.GetRequiredService<ILogger<OutboxWorker>>()))
        .AddHostedService(p => p.GetRequiredService<OutboxWorker>())
        .AddHostedService(p => new SinkWorker(
            p.GetRequiredService<IAlertSink>(), p.GetRequiredService<GatewayStore>(), p.GetRequiredService<Outbox>(), p.GetRequiredService<OutboxWorker>(),
            p.GetRequiredService<FullDisk>(), p.GetRequiredService<Accounting>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<SinkWorker>>()));
}
