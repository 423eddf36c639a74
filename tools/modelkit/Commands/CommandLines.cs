using System.CommandLine;
using EdgeGateway.Packages.Age;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;

namespace EdgeGateway.ModelKit.Commands;

/// <summary>The command lines: evaluate, tokenize, model inspect, random, verify, bench and canonical, keys new, grant, rotate and root, package pack, seal, sign, verify and inspect.</summary>
internal static class CommandLines
{
    /// <summary>Runs one command line and gives its exit code; errors go to <paramref name="error"/> as one sentence.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, TimeProvider clock)
    {
        var root = new RootCommand("Judges models by recordings, looks into them, proves them and makes random ones; makes signed and sealed packages of them. Off the device.\n\nExample: modelkit model inspect models/phi-sensor")
        {
            new EvaluateCommand(output, error, clock).Create(),
            new TokenizeCommand(output, error, clock).Create(),
            new Command("model", "Model folders of ONNX Runtime GenAI's form.\nExample: modelkit model inspect models/phi-sensor")
            {
                new ModelInspectCommand(output).Create(), new ModelRandomCommand(output, error, clock).Create(), new ModelVerifyCommand(output).Create(), new ModelBenchCommand(output, error).Create(),
                new ModelCanonicalCommand(output, error, clock).Create(),
            },
            Keys(output, error, clock),
            new Command("package", "Packages of models and adapters: signed by people, sealed for groups of devices (docs/formats/package.md).\nExample: modelkit package inspect pumps-3")
            {
                new PackagePackCommand(output, error, clock).Create(), new PackageSealCommand(output, error, clock).Create(), new PackageSignCommand(output, error).Create(),
                new PackageVerifyCommand(output, error, clock).Create(), new PackageInspectCommand(output).Create(),
            },
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
            {
                await error.WriteLineAsync(problem.Message);
            }

            await error.WriteLineAsync("Add --help to see what is possible.");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is ModelRefusedException or SensorModelException or PromptException or FormatException or InvalidDataException or IOException or UnauthorizedAccessException or SealingException)
        {
            await error.WriteLineAsync(e.Message);
            return e switch
            {
                ModelRefusedException or SensorModelException or SealingException => ExitCode.Refused,
                PromptException or FormatException or InvalidDataException => ExitCode.Usage,
                _ => ExitCode.Fault,
            };
        }
    }

    private static Command Keys(TextWriter output, TextWriter error, TimeProvider clock)
    {
        var keys = new Command("keys", "Keys of people who sign, and of groups of devices (docs/formats/package.md).\nExample: modelkit keys new signing ada") { new KeysRootCommand(output, clock).Create() };
        foreach (var command in new KeysCommands(output, error).Create())
        {
            keys.Subcommands.Add(command);
        }

        return keys;
    }
}
