using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace EdgeGateway.Commands;

/// <summary>What a gateway is started with.</summary>
/// <param name="DataFolder">Where its state lies.</param>
/// <param name="LogLevel">Lowest level that is logged.</param>
internal sealed record GatewayStart(GatewaySettings Settings, string DataFolder, LogLevel LogLevel);

/// <summary>Builds the host of a gateway and runs it to its end.</summary>
internal static class GatewayHost
{
    /// <summary>Longer than the drain of the sinks, shorter than the ten seconds that a container runtime grants.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(9);

    /// <summary>A process that was told to stop has ended by then.</summary>
    public static readonly TimeSpan LongestStop = ShutdownTimeout + TimeSpan.FromSeconds(0.5);

    /// <summary>Builds the host; nothing runs yet.</summary>
    public static IHost Build(GatewayStart gateway, AddStages addStages)
    {
        // an empty builder: the default one watches configuration files below the working directory, which costs 0.3 s and 14 MiB in a large one
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(gateway.LogLevel).AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(o => (o.SingleLine, o.TimestampFormat, o.UseUtcTimestamp, o.ColorBehavior) = (true, "yyyy-MM-dd HH:mm:ss.fff 'Z' ", true, LoggerColorBehavior.Disabled));
        // all at once: only Ingest obeys the stop, the others end when their input does
        builder.Services.Configure<HostOptions>(o => (o.ShutdownTimeout, o.ServicesStopConcurrently) = (ShutdownTimeout, true));
        addStages(builder.Services, gateway);
        return builder.Build();
    }

    /// <summary>Recovers, runs until the token or a signal stops it, and says how it ended.</summary>
    public static async Task<int> RunAsync(GatewayStart gateway, AddStages addStages, CancellationToken token)
    {
        try
        {
            using var host = Build(gateway, addStages);
            host.Services.GetRequiredService<Recovery>().Run();
            await host.StartAsync(token);
            await host.WaitForShutdownAsync(token);
            return Faulted(host) ? ExitCode.Fault : ExitCode.Done;
        }
        catch (Exception e) when (e is Phi.ModelRefusedException or Prompts.SensorModelException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Refused;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The data folder {gateway.DataFolder} cannot be used: {e.Message}");
            return ExitCode.Fault;
        }
    }

    /// <summary>Whether a stage ended with a fault: the process then ends with a non-zero code and is restarted from outside.</summary>
    public static bool Faulted(IHost host) => host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(s => s.ExecuteTask is { IsFaulted: true });
}
