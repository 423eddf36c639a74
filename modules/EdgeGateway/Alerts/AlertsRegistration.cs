using EdgeGateway.Prompts;
using EdgeGateway.Recordings;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Tracing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGateway.Alerts;

internal static class AlertsRegistration
{
    /// <summary>Verdicts -> alerts.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services) => services
        .AddSingleton(p => new AlertContent(p.GetRequiredService<GatewaySettings>().Gateway, p.GetRequiredService<SensorModel>()))
        .AddSingleton(p => new AlertRules(p.GetRequiredService<AlertContent>(), p.GetRequiredService<GatewaySettings>().Detection, p.GetRequiredService<GatewaySettings>().Alerts,
            p.GetRequiredService<Accounting>()))
        .AddHostedService(p => new AlertsWorker(
            p.GetRequiredService<AlertRules>(), p.GetRequiredService<GatewaySettings>().Gateway, p.GetRequiredService<Recorder>(), p.GetRequiredService<WindowTraces>(), p.GetRequiredService<StagePulses>().Alerts,
            p.GetRequiredService<StageChannels>().Verdicts.Reader, p.GetRequiredService<StageChannels>().Alerts.Writer));
}
