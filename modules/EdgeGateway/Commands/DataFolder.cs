using System.CommandLine;
using EdgeGateway.Storage;

namespace EdgeGateway.Commands;

/// <summary>What the commands have in common that look at the data folder of a gateway, which may run meanwhile.</summary>
internal static class DataFolder
{
    /// <summary>Which folder.</summary>
    public static Option<string> Option { get; } = new("--data") { Description = "the data folder of the gateway", HelpName = "DIR", DefaultValueFactory = _ => "data" };

    /// <summary>Runs what reads it; a folder that cannot be read is one sentence and <see cref="ExitCode.Usage"/>.</summary>
    public static int Read(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (StorageException e)
        {
            Console.Error.WriteLine($"{e.Path} cannot be read: {e.Detail}.");
            return ExitCode.Usage;
        }
    }
}
