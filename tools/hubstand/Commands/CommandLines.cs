using System.CommandLine;
using System.Net.Sockets;

namespace Hubstand.Commands;

/// <summary>The command lines: serve and up.</summary>
internal static class CommandLines
{
    private const int Fault = 1;
    private const int Usage = 2;

    /// <summary>Runs one command line and gives its exit code; errors go to <paramref name="error"/> as one sentence.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, TimeProvider clock)
    {
        var root = new RootCommand("IoT Hub, edgeHub and the workload API on loopback: develop and test a module without an Azure account. See docs/development.md.\n\nExample: hubstand up")
        {
            new ServeCommand(output, clock).Create(), new UpCommand(output, clock).Create(),
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
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or SocketException)
        {
            await error.WriteLineAsync(e.Message);
            return e is FileNotFoundException or DirectoryNotFoundException or InvalidDataException ? Usage : Fault;
        }
    }
}
