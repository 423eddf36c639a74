using System.CommandLine;
using MQTTnet.Exceptions;
using SensorSimulator.Publishing;

namespace SensorSimulator.Commands;

/// <summary>The command lines: plant, csv, load.</summary>
internal static class CommandLines
{
    private const int Fault = 1;
    private const int Usage = 2;

    /// <summary>Runs one command line: 0 = done, also when stopped; 1 = fault, as a broker that cannot be reached; 2 = usage, also a file that cannot be read.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, TimeProvider clock)
    {
        var root = new RootCommand("Publishes simulated or recorded sensors on MQTT.\n\nExample: SensorSimulator plant --host localhost --labels faults.json")
        {
            new PlantCommand(output, error, clock).Create(), new CsvCommand(output, error, clock).Create(), new LoadCommand(output, clock).Create(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
            {
                await error.WriteLineAsync(problem.Message);
            }

            await error.WriteLineAsync("Add --help to see what is possible.");
            return Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (BrokerException e)
        {
            await error.WriteLineAsync(e.Message);
            return Fault;
        }
        catch (MqttCommunicationException e)
        {
            await error.WriteLineAsync($"The connection to the broker was lost ({e.GetBaseException().Message.TrimEnd('.')}): see the broker's log, then start again.");
            return Fault;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            await error.WriteLineAsync(e.Message);
            return Usage;
        }
    }
}
