using System.Diagnostics;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Commands;

/// <summary>Runs a command line of the gateway as a process of its own.</summary>
internal static class CommandProcess
{
    /// <summary>Of a device without the IoT Edge runtime.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoVariables = new Dictionary<string, string>();

    /// <summary>Exit code, and what it wrote to both outputs.</summary>
    public static async Task<(int Code, string Output)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Windower).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var token = TestContext.Current.CancellationToken;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(token), process.StandardError.ReadToEndAsync(token));
        await process.WaitForExitAsync(token);
        return (process.ExitCode, await output + await error);
    }
}
