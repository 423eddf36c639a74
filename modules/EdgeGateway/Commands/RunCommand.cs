using System.CommandLine;
using EdgeGateway.Settings;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Commands;

/// <summary><c>run --config FILE [--data DIR]</c>: the gateway itself, until it is told to stop.</summary>
internal static class RunCommand
{
    private static readonly Option<string> Config = new("--config") { Description = "the configuration, a JSON file; config.d/*.json beside it are laid over it", HelpName = "FILE" };

    private static readonly Option<string> Data = new("--data")
    {
        Description = "folder for state that outlives a restart",
        HelpName = "DIR",
        DefaultValueFactory = _ => "data",
    };

    public static Command Create(AddStages addStages)
    {
        var command = new Command("run", "Runs the gateway. Example: EdgeGateway run --config gateway.json --data /var/lib/edgegateway");
        AddTo(command, addStages);
        return command;
    }

    /// <summary>The same without the word <c>run</c>.</summary>
    public static void AddTo(Command command, AddStages addStages)
    {
        command.Options.Add(Config);
        command.Options.Add(Data);
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(Config), parsed.GetValue(Data)!, addStages, token));
    }

    private static async Task<int> RunAsync(string? config, string data, AddStages addStages, CancellationToken token)
    {
        if (config is null)
        {
            await Console.Error.WriteLineAsync("A configuration is needed: EdgeGateway run --config FILE. To see the gateway at work without one: EdgeGateway demo.");
            return ExitCode.Usage;
        }

        var read = SettingsFiles.Load(config);
        foreach (var problem in read.Errors.Concat(read.UnknownKeys).Concat(read.Warnings))
        {
            await Console.Error.WriteLineAsync(problem.ToString());
        }

        return read.Settings is { } settings
            ? await GatewayHost.RunAsync(new GatewayStart(settings, data, LogLevel.Information), addStages, token)
            : ExitCode.Usage;
    }
}
