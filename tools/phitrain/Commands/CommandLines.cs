using System.CommandLine;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Storage;

namespace EdgeGateway.PhiTrain.Commands;

/// <summary>The command lines: data, train, adapter, ablate. Exit codes: 0 = done, 1 = fault, also a machine that cannot train; 2 = usage, also a file that cannot be used; 3 = an adapter does not help; 4 = a model was refused.</summary>
internal static class CommandLines
{
    private const int Fault = 1;
    private const int Usage = 2;
    private const int Refused = 4;

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Trains the sensor model of the gateway on generated series.\n\nExample: phitrain data --output work/windows.bin\n         phitrain train --data work/windows.bin --output phi-sensor")
        {
            DataCommand.Create(), TrainCommand.Create(), AdapterCommand.Create(), AblateCommand.Create(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("Add --help to see what is possible.");
            return Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e is StorageException ? Fault : Usage;
        }
        catch (MachineException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Fault;
        }
        catch (Exception e) when (e is ModelRefusedException or SensorModelException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Refused;
        }
    }

    /// <summary>A whole number of at least <paramref name="smallest"/> with a default.</summary>
    public static Option<int> Count(string name, int usual, int smallest, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };
        option.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && int.TryParse(r.Tokens[0].Value, out var value) && value < smallest)
            {
                r.AddError($"{name} takes a number of at least {smallest}.");
            }
        });
        return option;
    }
}

/// <summary>This machine cannot do it; the message says what to do.</summary>
internal sealed class MachineException(string message) : Exception(message);
