using System.Text.Json;
using EdgeGateway.Delivery;
using EdgeGateway.Ingest;
using EdgeGateway.Operations;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Mqtt;

internal static class MqttRegistration
{
    /// <summary>The broker as source of messages and as sink of alerts.</summary>
    public static IServiceCollection AddMqtt(this IServiceCollection services, BrokerSettings broker) => services
        .AddTransient(_ => new Random())
        .AddSingleton<ISensorSource>(p => NewSource(p, broker))
        .AddSingleton<IAlertSink>(p => NewSink(p, broker));

    private static MqttSensorSource NewSource(IServiceProvider p, BrokerSettings broker)
    {
        var store = p.GetRequiredService<GatewayStore>();
        return new MqttSensorSource(
            p.GetRequiredService<GatewaySettings>(), broker, store.LoadSubscriptions(), store.SaveSubscriptions, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<Random>(),
            p.GetRequiredService<ILogger<MqttSensorSource>>());
    }

    private static MqttAlertSink NewSink(IServiceProvider p, BrokerSettings broker)
    {
        var (settings, accounting, store) = (p.GetRequiredService<GatewaySettings>(), p.GetRequiredService<Accounting>(), p.GetRequiredService<GatewayStore>());

        // request and response came with MQTT 5
        var commands = p.GetService<CommandDispatcher>() is { } dispatcher && broker.Protocol == MqttProtocol.V5 && !settings.Operations.Commands.IsEmpty
            ? new MqttCommands(MqttAlertSink.RootOf(settings), settings.Operations.Commands, dispatcher, accounting)
            : null;
        return new MqttAlertSink(
            p.GetRequiredService<DeliveryState>(), broker, p.GetRequiredService<SensorModel>().Name, () => JsonSerializer.SerializeToElement(GatewayCounters.Read(accounting, store)), commands, store, accounting,
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<Random>(), p.GetRequiredService<ILogger<MqttAlertSink>>());
    }
}
