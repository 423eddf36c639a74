using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeGateway.Soak.Harness;

/// <summary>A process that was started here and is measured through /proc. Killed on disposal.</summary>
internal sealed class Measured : IDisposable
{
    private const int Sigabrt = 6;
    private const int Sigterm = 15;
    private const double TicksPerSecond = 100; // USER_HZ of /proc, the same on every Linux
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/usr/local/sbin"];
    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();

    private Measured(string program, IEnumerable<string> arguments, Action<string>? line, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = new ProcessStartInfo(Find(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
        DataReceivedEventHandler take = (_, e) =>
        {
            lines.Enqueue(e.Data ?? "");
            line?.Invoke(e.Data ?? "");
        };
        process.OutputDataReceived += take;
        process.ErrorDataReceived += take;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Everything that it printed so far.</summary>
    public string Output => string.Join('\n', lines);

    public bool HasExited => process.HasExited;

    /// <summary>User and system time so far, in seconds; it must be running.</summary>
    public double CpuSeconds
    {
        get
        {
            // the name in brackets may hold blanks: fields are counted from the last bracket, utime and stime are 14 and 15
            var fields = File.ReadAllText($"/proc/{process.Id}/stat").Split(") ")[^1].Split(' ');
            return (Whole(fields[11]) + Whole(fields[12])) / TicksPerSecond;
        }
    }

    /// <summary>The most memory that was resident at one time, in bytes.</summary>
    public long PeakResidentBytes => Field("status", "VmHWM:") * 1024;

    /// <summary>What is resident now, in bytes.</summary>
    public long ResidentBytes => Field("status", "VmRSS:") * 1024;

    /// <summary>Open file descriptors.</summary>
    public int Handles => Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length;

    /// <summary>Bytes that it gave to the disk so far, whole pages, counted by the kernel.</summary>
    public long WrittenBytes => Field("io", "write_bytes:");

    /// <summary>Starts a program of this machine.</summary>
    /// <param name="line">Told every line that it prints.</param>
    /// <param name="environment">Variables besides those of this process.</param>
    public static Measured Start(string program, IEnumerable<string> arguments, Action<string>? line = null, IEnumerable<KeyValuePair<string, string>>? environment = null) =>
        new(program, arguments, line, environment ?? []);

    /// <summary>Starts a program of this solution, which lies beside this one.</summary>
    public static Measured StartOwn(string name, params string[] arguments) => new("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), .. arguments], null, []);

    /// <summary>SIGTERM; the counts of /proc end with it.</summary>
    public void Terminate() => _ = Signal(process.Id, Sigterm);

    /// <summary>SIGABRT until it has ended: .NET survives the first one.</summary>
    public async Task AbortAsync(CancellationToken token)
    {
        while (!process.HasExited)
        {
            _ = Signal(process.Id, Sigabrt);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, token);
        }
    }

    /// <summary>SIGKILL to it and to all that it started.</summary>
    public void Kill()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    /// <summary>Returns when it has ended with code 0 and all of its output is here.</summary>
    /// <exception cref="SoakException">It ended with another code.</exception>
    public async Task EndAsync(CancellationToken token)
    {
        await process.WaitForExitAsync(token);
        if (process.ExitCode != 0)
        {
            throw new SoakException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} ended with {process.ExitCode}:\n{Output}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }

    private static string Find(string program) => Folders.Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists)
        ?? throw new SoakException($"{program} is not installed: these measurements run against the real one (Debian and Ubuntu: apt-get install mosquitto mosquitto-clients strace faketime xfsprogs).");

    private long Field(string file, string name) =>
        Whole(File.ReadLines($"/proc/{process.Id}/{file}").Single(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal));

    private static long Whole(string text) => long.Parse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Signal(int process, int signal);
}
