using System.CommandLine;
using EdgeGateway.Hub;
using EdgeGateway.Models;
using EdgeGateway.Settings;
using EdgeGateway.Storage;

namespace EdgeGateway.Commands;

/// <summary><c>run [--config FILE] [--data DIR]</c>: the gateway itself, until it is told to stop.</summary>
internal static class RunCommand
{
    private static readonly Option<string> Config = new("--config")
    {
        Description = "the configuration, a JSON file; config.d/*.json beside it are laid over it, and the module twin over both. Not needed where a hub gives the twin",
        HelpName = "FILE",
    };

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
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(Config), Path.GetFullPath(parsed.GetValue(Data)!), addStages, token));
    }

    private static async Task<int> RunAsync(string? config, string data, AddStages addStages, CancellationToken token)
    {
        try
        {
            var environment = HubEnvironment.Read(Variables());
            if (config is null && environment is null)
            {
                await Console.Error.WriteLineAsync("A configuration is needed: EdgeGateway run --config FILE. To see the gateway at work without one: EdgeGateway demo.");
                return ExitCode.Usage;
            }

            var memory = ProcessGuard.Close();
            using var held = DataFolderLock.Take(data);
            if (ContainerLayer.Holds(data))
            {
                await Console.Error.WriteLineAsync($"The data folder {data} goes with this container, and with it alerts that were not delivered and what was learned of the sensors: mount a volume there.");
            }

            await using var module = new ModuleRun(addStages, config, data, environment, memory);
            return await module.RunAsync(token);
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The data folder {data} cannot be used: {e.Message}");
            return ExitCode.Fault;
        }
    }

    /// <summary>The environment of the process.</summary>
    internal static Dictionary<string, string> Variables()
    {
        var variables = Environment.GetEnvironmentVariables();
        return variables.Keys.Cast<string>().ToDictionary(name => name, name => (string)variables[name]!, StringComparer.Ordinal);
    }
}
