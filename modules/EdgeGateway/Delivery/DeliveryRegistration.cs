using EdgeGateway.Ingest;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Delivery;

internal static class DeliveryRegistration
{
    /// <summary>Alert -> outbox -> sinks: every sink that is registered so far, each with a worker and a progress of its own.</summary>
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services
            .AddSingleton(p => new Outbox(
                p.GetRequiredService<GatewayStore>(), p.GetRequiredService<DeliveryState>(), [.. p.GetServices<IAlertSink>().Select(s => s.Name)],
                [.. p.GetServices<IAlertSink>().Where(s => !s.IsLocal).Select(s => s.Name)], p.GetRequiredService<Accounting>()))
            .AddSingleton(p => new OutboxWorker(
                p.GetRequiredService<Outbox>(), p.GetRequiredService<CheckpointSchedule>(), p.GetService<ReadingJournal>(), p.GetService<DurableAcknowledger>(),
                p.GetRequiredService<FullDisk>(), p.GetRequiredService<StagePulses>().Delivery, p.GetRequiredService<StageChannels>().Alerts.Reader, p.GetRequiredService<ILogger<OutboxWorker>>()))
            .AddHostedService(p => p.GetRequiredService<OutboxWorker>());
        for (var sink = 0; sink < services.Count(s => s.ServiceType == typeof(IAlertSink)); sink++)
        {
            // AddHostedService takes a type once
            var number = sink;
            services.AddSingleton<IHostedService>(p => NewWorker(p, p.GetServices<IAlertSink>().ElementAt(number)));
        }

        return services;
    }

    private static SinkWorker NewWorker(IServiceProvider p, IAlertSink sink) => new(
        sink, p.GetRequiredService<GatewayStore>(), p.GetRequiredService<Outbox>(), p.GetRequiredService<OutboxWorker>(), p.GetRequiredService<FullDisk>(), p.GetRequiredService<Accounting>(),
        p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<SinkWorker>>());
}
