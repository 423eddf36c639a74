using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hubstand.Commands;

/// <summary>A program that is told to stop when it is no longer needed, and that has ten seconds for it, as a container has.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private readonly Process process;

    private ChildProcess(Process process) => this.process = process;

    /// <summary>Its exit code, once it has ended.</summary>
    public Task<int> Exited { get; private set; } = Task.FromResult(0);

    /// <summary>Starts a program; each line that it prints goes to <paramref name="say"/>.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, Action<string> say)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            var child = new ChildProcess(Process.Start(start)!);
            child.process.OutputDataReceived += (_, e) => Say(e.Data);
            child.process.ErrorDataReceived += (_, e) => Say(e.Data);
            child.process.BeginOutputReadLine();
            child.process.BeginErrorReadLine();
            child.Exited = child.WaitAsync();
            return child;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{program} cannot be started: {e.Message}.", e);
        }

        void Say(string? line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                say(line);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            if (OperatingSystem.IsWindows() || Signal(process.Id, Sigterm) != 0)
            {
                process.Kill(entireProcessTree: true);
            }

            try
            {
                await Exited.WaitAsync(Grace);
            }
            catch (TimeoutException)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        process.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Signal(int process, int signal);
}
