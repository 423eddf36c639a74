using System.Buffers.Binary;
using System.Diagnostics;
using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Storage;

/// <summary>
/// A process of its own that stores in a loop until it is killed or something is not stored: this test program again, with one explicit test.
/// After each round it writes the round's number to the file "progress": what that says must be found afterwards.
/// </summary>
public sealed class StorageChild
{
    private const string FolderVariable = "EDGEGATEWAY_STORAGE_CHILD";
    private const string RoundsVariable = "EDGEGATEWAY_STORAGE_CHILD_ROUNDS";

    public static readonly byte[] Body = new byte[2048];

    /// <summary>Starts the child, under another program (strace) when its words are given.</summary>
    internal static Process Start(string folder, int rounds = int.MaxValue, params string[] under)
    {
        var test = $"{typeof(StorageChild).FullName}.{nameof(Stores_round_after_round)}";
        string[] words = [.. under, Environment.ProcessPath!, .. OwnProgram(), "-method", test, "-explicit", "only"];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[FolderVariable] = folder;
        start.Environment[RoundsVariable] = rounds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var child = Process.Start(start)!;
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }

    internal static long Progress(string folder)
    {
        var path = Path.Combine(folder, "progress");
        return File.Exists(path) && File.ReadAllBytes(path) is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
    }

    /// <summary>Kind of the failure that ended the child, as it saw it; null when nothing failed.</summary>
    internal static string? Outcome(string folder) => Path.Combine(folder, "outcome") is var path && File.Exists(path) ? File.ReadAllText(path) : null;

    [Fact(Explicit = true)]
    public void Stores_round_after_round()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, "Only as the child of another test.");
        var rounds = int.Parse(Environment.GetEnvironmentVariable(RoundsVariable)!, System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            Store(folder, rounds);
        }
        catch (StorageException failure)
        {
            File.WriteAllText(Path.Combine(folder, "outcome"), $"{failure.Fault} {Path.GetFileName(failure.Path)}");
        }
    }

    private static void Store(string folder, int rounds)
    {
        var first = Progress(folder) + 1;
        using var progress = File.OpenHandle(Path.Combine(folder, "progress"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        using var store = GatewayStore.Open(folder, TimeProvider.System);
        using var journal = ReadingJournal.Open(folder, TimeProvider.System);
        store.RegisterSinks(["hub"]);
        var number = new byte[8];
        for (var round = first; rounds > 0; round++, rounds--)
        {
            // A round that was cut short is done again: the store ignores copies, the journal says how far it came.
            if (journal.LastPosition < round)
            {
                journal.Append(Body);
            }

            store.Commit([Some.Transition($"{round}a"), Some.Transition($"{round}b")]);
            SnapshotWriter.Write(Path.Combine(folder, "sensors.snapshot"), new SnapshotHeader(round, Some.Noon), [("sensor", Body)]);
            BinaryPrimitives.WriteInt64LittleEndian(number, round);
            RandomAccess.Write(progress, number, 0);
        }
    }

    /// <summary>The test program is its own executable, or runs under "dotnet".</summary>
    private static string[] OwnProgram() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? ["exec", typeof(StorageChild).Assembly.Location] : [];
}
