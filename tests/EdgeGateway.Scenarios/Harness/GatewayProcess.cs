using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeGateway.Tests;

namespace EdgeGateway.Scenarios.Harness;

/// <summary>The gateway as users run it: a process of its own with a configuration file and a data folder.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private const int Sigterm = 15;

    /// <summary>The module's own output, not its copy beside the tests: there hubstand's ASP.NET Core stands in for some of its libraries.</summary>
    private static readonly string Program = Path.Combine(
        SharedFolder.RepositoryRoot, "modules", "EdgeGateway", Path.GetRelativePath(Path.Combine(SharedFolder.RepositoryRoot, "tests", "EdgeGateway.Scenarios"), AppContext.BaseDirectory), "EdgeGateway.dll");

    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();

    private GatewayProcess(string folder, IEnumerable<KeyValuePair<string, string>> variables, IEnumerable<string> arguments, params string[] through)
    {
        string[] command = [.. through, Tool.Require("dotnet"), Program, .. arguments];
        process = Tool.Start(folder, variables, command[0], command[1..]);
        process.OutputDataReceived += (_, e) => lines.Enqueue(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => lines.Enqueue(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Number of the process.</summary>
    public int Id => process.Id;

    /// <summary>Everything it printed so far.</summary>
    public string Output => string.Join('\n', lines);

    /// <summary>Starts the gateway with any command line.</summary>
    /// <param name="folder">Its working folder.</param>
    public static GatewayProcess Start(string folder, params string[] arguments) => new(folder, [], arguments);

    /// <summary>The same with further environment variables.</summary>
    public static GatewayProcess Start(string folder, IEnumerable<KeyValuePair<string, string>> variables, params string[] arguments) => new(folder, variables, arguments);

    /// <summary>The same without root's right to open what it has no permission for.</summary>
    public static GatewayProcess StartUnprivileged(string folder, IEnumerable<KeyValuePair<string, string>> variables, params string[] arguments) => Environment.IsPrivilegedProcess
        ? new(folder, variables, arguments, Tool.Require("setpriv"), "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
        : new(folder, variables, arguments);

    /// <summary>The same from a shell that allows core dumps of any size.</summary>
    public static GatewayProcess StartAllowingDumps(string folder, IEnumerable<KeyValuePair<string, string>> variables, params string[] arguments) =>
        new(folder, variables, arguments, Tool.Require("sh"), "-c", "ulimit -c unlimited && exec \"$@\"", "sh");

    /// <summary>Returns when it printed this text.</summary>
    public Task SaysAsync(string text) => Eventually.HoldsAsync(() => Output.Contains(text, StringComparison.Ordinal), () => $"the gateway says \"{text}\", but said:\n{Output}");

    /// <summary>SIGKILL: no chance to write anything.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Assert.Equal(0, Signal(process.Id, Sigterm));
        return await ExitAsync();
    }

    /// <summary>The exit code once it has ended.</summary>
    /// <param name="patience">Null for a minute.</param>
    public async Task<int> ExitAsync(TimeSpan? patience = null)
    {
        await Eventually.HoldsAsync(() => process.HasExited, () => $"the gateway ends, but said:\n{Output}", patience);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }

        process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    internal static extern int Signal(int process, int signal);
}
