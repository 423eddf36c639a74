using System.Text.RegularExpressions;
using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Storage;

/// <summary>What reaches the disk and what happens when it refuses, seen from the system calls.</summary>
public sealed partial class SyncTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Every_round_is_synced_before_it_counts_as_stored()
    {
        await Trace(rounds: 20, "-y", "-e", "trace=fsync,fdatasync,pwrite64", "-o", folder.File("trace"));

        Assert.Equal(20, StorageChild.Progress(folder.Path));
        var synced = new HashSet<string>();
        var rounds = 0;
        var lines = await File.ReadAllLinesAsync(folder.File("trace"), TestContext.Current.CancellationToken);
        foreach (var call in lines.Select(line => Call().Match(line)).Where(call => call.Success))
        {
            var name = Path.GetFileName(call.Groups["path"].Value);
            if (call.Groups["call"].Value.EndsWith("sync", StringComparison.Ordinal))
            {
                synced.Add(name);
            }
            else if (name == "progress")
            {
                string[] expected = ["gateway.db-wal", "journal.db-wal", "sensors.snapshot.tmp", Path.GetFileName(folder.Path)];
                Assert.Empty(expected.Except(synced));
                synced.Clear();
                rounds++;
            }
        }

        Assert.Equal(20, rounds);
    }

    [Theory]
    [InlineData("sensors.snapshot.tmp", "fsync:error=EIO:when=3+", "Failed sensors.snapshot.tmp")]
    [InlineData("sensors.snapshot.tmp", "pwrite64:error=ENOSPC:when=3+", "Full sensors.snapshot")]
    [InlineData("journal.db-wal", "fsync,fdatasync:error=EIO:when=8+", "Failed journal.db")]
    [InlineData("journal.db-wal", "pwrite64:error=ENOSPC:when=30+", "Full journal.db")]
    [InlineData("gateway.db-wal", "fsync,fdatasync:error=EIO:when=16+", "Failed gateway.db")]
    [InlineData("gateway.db-wal", "pwrite64:error=ENOSPC:when=170+", "Full gateway.db")]
    public async Task A_disk_that_refuses_is_seen_and_costs_nothing_that_was_stored(string file, string injection, string outcome)
    {
        await Trace(rounds: 100, "-P", folder.File(file), "-e", "trace=fsync,fdatasync,pwrite64", "-e", $"inject={injection}", "-o", folder.File("trace"));

        Assert.Equal(outcome, StorageChild.Outcome(folder.Path));
        var progress = StorageChild.Progress(folder.Path);
        Assert.InRange(progress, 1, 99);
        using var store = GatewayStore.Open(folder.Path, TimeProvider.System);
        using var journal = ReadingJournal.Open(folder.Path, TimeProvider.System);
        Assert.Null(store.Damage);
        Assert.Null(journal.Damage);
        Assert.InRange(journal.LastPosition, progress, progress + 1);
        Assert.InRange(store.OpenAlerts().Count, 2 * progress, (2 * progress) + 2);
        Assert.True(SnapshotReader.TryRead(folder.File("sensors.snapshot"), out var header, (_, _) => { }, out _));
        Assert.InRange(header.JournalPosition, progress, progress + 1);
    }

    private async Task Trace(int rounds, params string[] options)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is missing: this test watches and breaks system calls with it.");
        using var child = StorageChild.Start(folder.Path, rounds, ["/usr/bin/strace", "-f", "--seccomp-bpf", .. options]);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(StorageChild.Progress(folder.Path) == 0 && StorageChild.Outcome(folder.Path) is null, "strace may not trace here.");
    }

    [GeneratedRegex(@"(?<call>fsync|fdatasync|pwrite64)\(\d+<(?<path>[^>]*)>")]
    private static partial Regex Call();
}
