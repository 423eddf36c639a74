using System.Text.Json;
using EdgeGateway.Delivery;
using EdgeGateway.Ingest;
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
    public static IServiceCollection AddMqtt(this IServiceCollection services) => services
        .AddTransient(_ => new Random())
        .AddSingleton<ISensorSource>(NewSource)
        .AddSingleton<IAlertSink>(NewSink);

    private static MqttSensorSource NewSource(IServiceProvider p)
    {
        var store = p.GetRequiredService<GatewayStore>();
        return new MqttSensorSource(
            p.GetRequiredService<GatewaySettings>(), store.LoadSubscriptions(), store.SaveSubscriptions, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<Random>(),
            p.GetRequiredService<ILogger<MqttSensorSource>>());
    }

    private static MqttAlertSink NewSink(IServiceProvider p)
    {
        var (accounting, store) = (p.GetRequiredService<Accounting>(), p.GetRequiredService<GatewayStore>());
        return new MqttAlertSink(
            p.GetRequiredService<GatewaySettings>(), p.GetRequiredService<SensorModel>().Name,
            () => Counters(accounting, store),
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<Random>(), p.GetRequiredService<ILogger<MqttAlertSink>>());
    }

    /// <summary>The counters by name and reason, all sources together, and what waits for each sink.</summary>
    private static JsonElement Counters(Accounting accounting, GatewayStore store)
    {
        var counters = accounting.All().GroupBy(c => c.Reason.Length == 0 ? c.Name : $"{c.Name}.{c.Reason}").ToDictionary(c => c.Key, c => c.Sum(v => v.Value));
        foreach (var backlog in store.Backlogs())
        {
            counters[$"alerts.pending.{backlog.Sink}"] = backlog.Pending;
        }

        return JsonSerializer.SerializeToElement(counters);
    }
}
