using System.Collections.Immutable;
using EdgeGateway.Hub;
using EdgeGateway.Ingest;
using EdgeGateway.Models;
using EdgeGateway.Operations;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace EdgeGateway.Commands;

/// <summary>What the stages of a gateway are started with.</summary>
/// <param name="DataFolder">Where its state lies.</param>
/// <param name="Logging">Lowest level that is logged.</param>
/// <param name="Models">What judges, kept by somebody else: it outlives the stages.</param>
/// <param name="Hub">The way to the hub, kept open by somebody else; null without one.</param>
/// <param name="Inputs">The inputs of this module as a source, kept by somebody else; null without a hub.</param>
/// <param name="Commands">What commands over the local broker run; null where there are none.</param>
internal sealed record GatewayStart(GatewaySettings Settings, string DataFolder, LogSwitch Logging, ModelHost Models, IHubClient? Hub = null, HubInputSource? Inputs = null, CommandDispatcher? Commands = null)
{
    /// <summary>Damaged files that were found before, a sentence each.</summary>
    public ImmutableArray<string> Damage { get; init; } = [];
}

/// <summary>Builds the host of a gateway's stages and runs it to its end.</summary>
internal static class GatewayHost
{
    /// <summary>Longer than the drain of the sinks, shorter than the ten seconds that a container runtime grants.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(9);

    /// <summary>How long after SIGTERM or Ctrl-C the process may go on: longer than the shutdown, so that it ends by itself and with its own exit code.</summary>
    public static readonly TimeSpan TerminationTimeout = ShutdownTimeout + TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    /// <summary>Builds the host; nothing runs yet.</summary>
    public static IHost Build(GatewayStart gateway, AddStages addStages)
    {
        // an empty builder: the default one watches configuration files below the working directory, which costs 0.3 s and 14 MiB in a large one
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        AddLogging(builder.Logging, gateway.Logging);
        builder.Services.AddSingleton<IHostLifetime, DeafLifetime>();

        // all at once: only Ingest obeys the stop, the others end when their input does
        builder.Services.Configure<HostOptions>(o => (o.ShutdownTimeout, o.ServicesStopConcurrently) = (ShutdownTimeout, true));
        addStages(builder.Services, gateway);
        return builder.Build();
    }

    /// <summary>One line a message on standard output.</summary>
    public static void AddLogging(ILoggingBuilder builder, LogSwitch level)
    {
        builder.SetMinimumLevel(LogLevel.Trace).AddFilter(level.Allows).AddConsole(o => o.FormatterName = IotEdgeLogFormatter.FormatName);
        builder.Services.AddSingleton<ConsoleFormatter>(new IotEdgeLogFormatter(TimeProvider.System));
    }

    /// <summary>Recovers, runs until the token stops it, and says how it ended.</summary>
    /// <param name="runs">Told once the stages run, and with null before they are let go.</param>
    public static async Task<int> RunAsync(GatewayStart gateway, AddStages addStages, Action<IServiceProvider?> runs, CancellationToken token)
    {
        try
        {
            gateway.Models.UseFolder(gateway.Settings.ModelPath ?? LoadedModel.BuiltIn);
            using var host = Build(gateway, addStages);
            if (token.IsCancellationRequested)
            {
                return ExitCode.Done;
            }

            host.Services.GetRequiredService<IngestState>().Damage.AddRange(gateway.Damage);
            host.Services.GetRequiredService<Recovery>().Run();
            try
            {
                await StartAsync(host, gateway.Settings);
                runs(host.Services);
                await host.WaitForShutdownAsync(token);
            }
            finally
            {
                runs(null);
            }

            return Faulted(host, token.IsCancellationRequested) ? ExitCode.Fault : ExitCode.Done;
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

    /// <summary>
    /// Starts the stages, and returns when every one of them runs: a stop in between would end those that have not begun without a last checkpoint. A mark with the settings that
    /// they have anyway tells it, for it comes out at the last stage; one that fails or a disk that is full is not waited for.
    /// </summary>
    private static async Task StartAsync(IHost host, GatewaySettings settings)
    {
        await host.StartAsync(CancellationToken.None);
        var mark = new SettingsChanged(settings, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        host.Services.GetRequiredService<StageChannels>().Settings.Writer.TryWrite(mark);
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await Task.WhenAny(mark.InForce.Task, Task.Delay(StartPatience, TimeProvider.System, stopping));
    }

    /// <summary>Whether a stage ended with a fault or did not end at all: the process then ends with a non-zero code and is restarted from outside.</summary>
    /// <param name="stopAsked">The stop came from outside: one that had no turn yet is then cancelled, and that is no fault.</param>
    public static bool Faulted(IHost host, bool stopAsked) =>
        host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(s => s.ExecuteTask is { IsCompletedSuccessfully: false } task && !(stopAsked && task.IsCanceled));

    /// <summary>Signals are the command line's: one that the host heard too while it starts would end stages before they begin, and with them a last checkpoint.</summary>
    private sealed class DeafLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
