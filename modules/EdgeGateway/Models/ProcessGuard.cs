using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeGateway.Models;

/// <summary>
/// Keeps what is in the memory of this process out of files. Core dumps and other processes of the same user are shut out from inside (prctl(2)). .NET's own ways in, the diagnostics port and
/// mini dumps, are opened before a line of ours runs, and only the environment closes them: where it does not, the process is executed anew with one that does, under the same number. Linux.
/// </summary>
internal static class ProcessGuard
{
    private const int CoreLimit = 4;   // RLIMIT_CORE
    private const int SetDumpable = 4; // PR_SET_DUMPABLE
    private const string Off = "DOTNET_EnableDiagnostics=0";
    private static readonly string[] Openings = ["DOTNET_EnableDiagnostics=", "COMPlus_EnableDiagnostics=", "DOTNET_DbgEnableMiniDump=", "COMPlus_DbgEnableMiniDump="];

    /// <summary>Closes all of it, and does not return where the process begins anew. Called before anything was opened.</summary>
    public static MemoryProtection Close()
    {
        var environment = Texts("/proc/self/environ");

        // in a test the process is not ours, and a debugger that is there already would lose it
        if (!IsClosed(environment) && Assembly.GetEntryAssembly() == typeof(ProcessGuard).Assembly && !Debugger.IsAttached)
        {
            DeletePorts();
            Execute(Texts("/proc/self/cmdline"), Closed(environment));
        }

        var dumps = Control(SetDumpable, 0, 0, 0, 0) != 0 || SetLimit(CoreLimit, [0, 0]) != 0;
        return new MemoryProtection(dumps, !IsClosed(environment), CanSwap(ReadOr("/proc/swaps", ""), ReadOr("/sys/fs/cgroup/memory.swap.max", "max")));
    }

    /// <summary>Whether these variables leave no way in.</summary>
    internal static bool IsClosed(IEnumerable<string> environment) => environment.Where(IsOpening).ToArray() is [Off];

    /// <summary>The same variables without any way in.</summary>
    internal static IEnumerable<string> Closed(IEnumerable<string> environment) => [.. environment.Where(variable => !IsOpening(variable)), Off];

    /// <summary>Whether the system may write pages of this process to a disk.</summary>
    /// <param name="swaps">/proc/swaps: a heading, and a line for each place.</param>
    /// <param name="limit">What the container may have of it: bytes, or max.</param>
    internal static bool CanSwap(string swaps, string limit) => swaps.Trim().Contains('\n', StringComparison.Ordinal) && limit.Trim() != "0";

    private static bool IsOpening(string variable) => Array.Exists(Openings, opening => variable.StartsWith(opening, StringComparison.Ordinal));

    /// <summary>What this run of the process has left for debuggers: nobody would answer there any more.</summary>
    private static void DeletePorts()
    {
        foreach (var kind in (string[])["dotnet-diagnostic", "clr-debug-pipe"])
        {
            foreach (var port in Directory.EnumerateFiles(Path.GetTempPath(), $"{kind}-{Environment.ProcessId}-*"))
            {
                File.Delete(port);
            }
        }
    }

    /// <summary>Returns only when it is not possible.</summary>
    private static unsafe void Execute(IEnumerable<string> arguments, IEnumerable<string> environment)
    {
        var (words, variables) = (Bytes(arguments), Bytes(environment));
        fixed (byte* firstWord = words, firstVariable = variables)
        {
            _ = Execute("/proc/self/exe\0"u8.ToArray(), Pointers(firstWord, words), Pointers(firstVariable, variables));
        }
    }

    /// <summary>Where each text begins that is ended by a zero; then zero.</summary>
    private static unsafe nint[] Pointers(byte* first, byte[] texts)
    {
        List<nint> pointers = [];
        for (var at = 0; at < texts.Length; at += texts.AsSpan(at).IndexOf((byte)0) + 1)
        {
            pointers.Add((nint)(first + at));
        }

        return [.. pointers, 0];
    }

    /// <summary>Texts that are ended by zeros; a character for each byte, whatever their encoding is.</summary>
    private static string[] Texts(string path) => Encoding.Latin1.GetString(File.ReadAllBytes(path)) is { Length: > 0 } all ? all[..^1].Split('\0') : [];

    private static byte[] Bytes(IEnumerable<string> texts) => Encoding.Latin1.GetBytes(string.Concat(texts.Select(text => text + '\0')));

    private static string ReadOr(string path, string otherwise) => File.Exists(path) ? File.ReadAllText(path) : otherwise;

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int option, nint value, nint third, nint fourth, nint fifth);

    [DllImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetLimit(int resource, ulong[] softAndHard);

    [DllImport("libc", EntryPoint = "execve")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Execute(byte[] path, nint[] arguments, nint[] environment);
}
