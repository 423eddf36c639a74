using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Tracing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGateway.Windows;

internal static class WindowsRegistration
{
    /// <summary>Readings -> window summaries.</summary>
    public static IServiceCollection AddWindows(this IServiceCollection services) => services
        .AddSingleton(p => NewWindower(p.GetRequiredService<GatewaySettings>()))
        .AddHostedService(p => new WindowsWorker(
            p.GetRequiredService<Windower>(), p.GetRequiredService<WindowTraces>(), p.GetRequiredService<StagePulses>().Windows, p.GetRequiredService<StageChannels>().Readings.Reader, p.GetRequiredService<StageChannels>().Windows.Writer));

    private static Windower NewWindower(GatewaySettings settings)
    {
        var windower = new Windower();
        windower.Maintenance.Use(settings.Alerts.Maintenance);
        return windower;
    }
}
