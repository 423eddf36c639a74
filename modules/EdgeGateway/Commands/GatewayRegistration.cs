using System.Globalization;
using System.Reflection;
using EdgeGateway.Alerts;
using EdgeGateway.Delivery;
using EdgeGateway.Hub;
using EdgeGateway.Ingest;
using EdgeGateway.Models;
using EdgeGateway.Mqtt;
using EdgeGateway.Prompts;
using EdgeGateway.Recordings;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tracing;
using EdgeGateway.Verdicts;
using EdgeGateway.Webhook;
using EdgeGateway.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Commands;

internal static class GatewayRegistration
{
    /// <summary>Name of the file in the data folder that holds the state of all sensors.</summary>
    internal const string SnapshotName = "sensors.snapshot";

    /// <summary>What the stages share: settings, clock, accounting, storage, what judges, the ports' implementations.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services, GatewayStart gateway)
    {
        var snapshot = Path.Combine(gateway.DataFolder, SnapshotName);
        services
            .AddSingleton(gateway.Settings)
            .AddSingleton(gateway.Models)
            .AddSingleton(gateway.Models.Sensor)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<Accounting>()
            .AddSingleton<FullDisk>()
            .AddSingleton<WindowTraces>()
            .AddSingleton<StageChannels>()
            .AddSingleton<StagePulses>()
            .AddSingleton<DeliveryState>()
            .AddSingleton(p => new ClockState(p.GetRequiredService<TimeProvider>(), Release()))
            .AddSingleton(p => GatewayStore.Open(gateway.DataFolder, p.GetRequiredService<TimeProvider>()))
            .AddSingleton(p => new CheckpointSchedule(snapshot, gateway.Settings.Storage.WriteBudgetBytes, p.GetRequiredService<TimeProvider>()))
            .AddHostedService(p => new DailyCounters(p.GetRequiredService<GatewayStore>(), p.GetRequiredService<Accounting>(), p.GetRequiredService<TimeProvider>()))
            .AddSingleton(p => new Recorder(gateway.Settings.Storage, p.GetRequiredService<Accounting>(), new Random()))
            .AddHostedService(p => new RecorderWorker(
                p.GetRequiredService<Recorder>(), new RecordingFolder(gateway.DataFolder, p.GetRequiredService<TimeProvider>()), p.GetRequiredService<Accounting>(), p.GetRequiredService<ILogger<RecorderWorker>>()))
            .AddSingleton(p => NewChain(p, gateway.Settings))
            .AddSingleton(p => NewRecovery(p, gateway.Settings.Partition, snapshot));
        if (gateway.Commands is { } commands)
        {
            services.AddSingleton(commands);
        }

        if (gateway.Settings.Ack == AckMode.Durable)
        {
            services.AddSingleton(p => ReadingJournal.Open(gateway.DataFolder, p.GetRequiredService<TimeProvider>(), SnapshotReader.JournalPosition(snapshot)));
        }

        if (gateway.Settings.Broker is { } broker)
        {
            services.AddMqtt(broker);
        }

        if (gateway.Settings.Webhook is { } webhook)
        {
            services.AddSingleton<IAlertSink>(p => new WebhookAlertSink(webhook, p.GetRequiredService<TimeProvider>()));
        }

        if (gateway.Inputs is { } inputs)
        {
            services.AddSingleton<ISensorSource>(inputs);
        }

        return gateway.Hub is { } hub ? services.AddSingleton<IAlertSink>(p => NewHubSink(p, hub)) : services;
    }

    private static HubAlertSink NewHubSink(IServiceProvider p, IHubClient hub) => new(
        hub, new HubBudget(p.GetRequiredService<GatewayStore>(), p.GetRequiredService<DeliveryState>(), p.GetRequiredService<TimeProvider>()), p.GetRequiredService<TimeProvider>());

    private static StageChain NewChain(IServiceProvider p, GatewaySettings settings) => new(
        p.GetRequiredService<Windower>(), p.GetRequiredService<PromptWriter>(), p.GetRequiredService<WindowJudge>(), p.GetRequiredService<JudgingBudget>(),
        settings.Detection.BudgetPercent ?? 100, p.GetRequiredService<AlertRules>());

    private static Recovery NewRecovery(IServiceProvider p, Partition partition, string snapshot) => new(
        p.GetRequiredService<SensorRegistry>(), p.GetRequiredService<IngestState>(), p.GetRequiredService<Windower>(), p.GetRequiredService<AlertRules>(),
        p.GetRequiredService<StageChain>(), p.GetRequiredService<Outbox>(), p.GetRequiredService<GatewayStore>(), p.GetService<ReadingJournal>(), partition, snapshot,
        p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<Recovery>>());

    /// <summary>The day this version was released: our clock cannot be earlier.</summary>
    internal static DateTimeOffset Release() => DateTimeOffset.Parse(
        typeof(GatewayRegistration).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "ReleaseDate").Value!,
        CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
