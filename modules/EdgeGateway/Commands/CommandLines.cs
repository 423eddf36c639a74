using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGateway.Commands;

/// <summary>Exit codes of all command lines.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Fault = 1;
    public const int Usage = 2;

    /// <summary>A check answered no.</summary>
    public const int No = 3;
    public const int Refused = 4;

    /// <summary>Asked to stop by SIGTERM (128 + 15), it did not in time.</summary>
    public const int Terminated = 143;
}

/// <summary>Adds all stages of a gateway to the services; given by Program.cs, which names them in the way of the data.</summary>
internal delegate IServiceCollection AddStages(IServiceCollection services, GatewayStart gateway);

/// <summary>The command lines: run (also without a word), demo, replay, report, export, config, outbox, model, keys, doctor, health, discover, prime, support.</summary>
internal static class CommandLines
{
    public static async Task<int> RunAsync(string[] args, AddStages addStages)
    {
        var root = new RootCommand("Judges sensor streams with a small language model on the gateway itself and sends only alerts.\n\nFirst look:  EdgeGateway demo\nYour broker: EdgeGateway run --config gateway.json");
        RunCommand.AddTo(root, addStages);
        root.Subcommands.Add(RunCommand.Create(addStages));
        root.Subcommands.Add(DemoCommand.Create(addStages));
        root.Subcommands.Add(ReplayCommand.Create());
        root.Subcommands.Add(ReportCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(ConfigCommand.Create());
        root.Subcommands.Add(OutboxCommand.Create());
        root.Subcommands.Add(KeysCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
        root.Subcommands.Add(HealthCommand.Create());
        root.Subcommands.Add(DiscoverCommand.Create());
        root.Subcommands.Add(PrimeCommand.Create());
        root.Subcommands.Add(SupportCommand.Create());
        root.Subcommands.Add(ModelCommand.Create());

        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
        {
            return await InvokeAsync(parsed);
        }

        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync(error.Message);
        }

        await Console.Error.WriteLineAsync("Add --help to see what is possible.");
        return ExitCode.Usage;
    }

    /// <summary>Runs the command until it ends; SIGTERM and Ctrl-C ask it to. System.CommandLine would listen to them only once the command waits for something for the first time.</summary>
    private static async Task<int> InvokeAsync(ParseResult parsed)
    {
        using var stopping = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            asked.TrySetResult();
        }

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var running = parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, stopping.Token);
        if (await Task.WhenAny(running, asked.Task) != running)
        {
            await stopping.CancelAsync();
            await Task.WhenAny(running, Task.Delay(GatewayHost.TerminationTimeout, TimeProvider.System, CancellationToken.None));
        }

        return running.IsCompleted ? await running : ExitCode.Terminated;
    }
}
