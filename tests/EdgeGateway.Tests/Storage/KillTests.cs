using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Storage;

public sealed class KillTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_stored_before_a_kill_is_whole_after_it()
    {
        var random = new Random(7);
        for (var kill = 0; kill < 4; kill++)
        {
            var before = StorageChild.Progress(folder.Path);
            using var child = StorageChild.Start(folder.Path);
            await Until(() => child.HasExited || StorageChild.Progress(folder.Path) > before + 5);
            await Task.Delay(random.Next(100), TestContext.Current.CancellationToken);
            Assert.False(child.HasExited, "the child ended before it was killed");
            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            AssertWhole(StorageChild.Progress(folder.Path));
        }
    }

    /// <summary>Rounds up to progress are complete; of the round that was cut short each part is there or not, never half.</summary>
    private void AssertWhole(long progress)
    {
        using var store = GatewayStore.Open(folder.Path, TimeProvider.System);
        using var journal = ReadingJournal.Open(folder.Path, TimeProvider.System);
        Assert.Null(store.Damage);
        Assert.Null(journal.Damage);
        Assert.InRange(journal.LastPosition, progress, progress + 1);
        Assert.Equal(journal.LastPosition, journal.ReadAfter(0).Count());
        Assert.Equal(0, journal.DamagedBatches);

        var alerts = store.OpenAlerts().Select(alert => alert.AlertId).ToHashSet();
        for (var round = 1; round <= progress; round++)
        {
            Assert.Contains($"{round}a", alerts);
            Assert.Contains($"{round}b", alerts);
        }

        Assert.True(alerts.Count == 2 * progress || alerts.Count == 2 * (progress + 1));
        Assert.Equal(alerts.Count, store.NextPending("hub", int.MaxValue).Count);

        Assert.True(SnapshotReader.TryRead(folder.File("sensors.snapshot"), out var header, (_, bytes) => Assert.Equal(StorageChild.Body, bytes), out _));
        Assert.InRange(header.JournalPosition, progress, progress + 1);
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
