using System.Diagnostics;

namespace EdgeGateway.Scenarios.Harness;

/// <summary>Programs that the scenarios need besides the SDK.</summary>
internal static class Tool
{
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/usr/local/sbin"];

    /// <summary>Full path of a program; skips the calling test, saying so, where it is not installed.</summary>
    public static string Require(string name)
    {
        var path = Folders.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed: this scenario runs against the real one.");
        return path!;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Exit code and everything it printed.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string name, params string[] arguments)
    {
        using var process = Start(Require(name), arguments);
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(output));
    }

    /// <summary>Starts a program with all of its streams redirected.</summary>
    public static Process Start(string path, params IEnumerable<string> arguments) => StartIn(Path.GetTempPath(), path, arguments);

    /// <summary>The same with a working folder.</summary>
    public static Process StartIn(string folder, string path, params IEnumerable<string> arguments) => Start(folder, [], path, arguments);

    /// <summary>The same with further environment variables.</summary>
    public static Process Start(string folder, IEnumerable<KeyValuePair<string, string>> variables, string path, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
