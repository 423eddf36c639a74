using System.CommandLine;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;

namespace EdgeGateway.ModelKit.Commands;

/// <summary>The command lines: evaluate, tokenize, model inspect, random, verify and bench.</summary>
internal static class CommandLines
{
    /// <summary>Runs one command line and gives its exit code; errors go to <paramref name="error"/> as one sentence.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, TimeProvider clock)
    {
        var root = new RootCommand("Judges models by recordings, looks into them, proves them and makes random ones, off the device.\n\nExample: modelkit model inspect models/phi-sensor")
        {
            new EvaluateCommand(output, error, clock).Create(),
            new TokenizeCommand(output, error, clock).Create(),
            new Command("model", "Model folders of ONNX Runtime GenAI's form.\nExample: modelkit model inspect models/phi-sensor")
            {
                new ModelInspectCommand(output).Create(), new ModelRandomCommand(output, error, clock).Create(), new ModelVerifyCommand(output).Create(), new ModelBenchCommand(output, error).Create(),
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
        catch (Exception e) when (e is ModelRefusedException or SensorModelException or PromptException or FormatException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e.Message);
            return e switch
            {
                ModelRefusedException or SensorModelException => ExitCode.Refused,
                PromptException or FormatException or InvalidDataException => ExitCode.Usage,
                _ => ExitCode.Fault,
            };
        }
    }
}
