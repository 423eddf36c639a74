using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Storage;

public sealed class ReadingJournalTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Batches_come_back_in_order_behind_a_position()
    {
        using (var journal = Open())
        {
            Assert.Equal([1L, 2L, 3L], new byte[][] { [10], [], [.. Enumerable.Range(0, 9000).Select(n => (byte)(n / 500))] }.Select(batch => journal.Append(batch)));
        }

        using var again = Open();
        Assert.Equal([(2L, 0), (3L, 9000)], again.ReadAfter(1).Select(batch => (batch.Position, batch.Batch.Length)));
        Assert.Equal(Enumerable.Range(0, 9000).Select(n => (byte)(n / 500)), again.ReadAfter(2).Single().Batch);
        Assert.Empty(again.ReadAfter(3));
        Assert.Equal(3, again.LastPosition);
    }

    [Fact]
    public void Positions_never_go_back_also_after_truncating_everything_and_restarting()
    {
        using (var journal = Open())
        {
            journal.Append([1]);
            journal.Append([2]);
            journal.Truncate(100);
            Assert.Empty(journal.ReadAfter(0));
        }

        using var again = Open();
        Assert.Equal(2, again.LastPosition);
        Assert.Equal(3, again.Append([3]));
    }

    [Fact]
    public void A_fresh_journal_goes_on_behind_the_newest_snapshot()
    {
        using (var journal = Open(notBefore: 500))
        {
            Assert.Equal(500, journal.LastPosition);
            Assert.Equal(501, journal.Append([1]));
        }

        using var again = Open(notBefore: 7);
        Assert.Equal(501, again.LastPosition);
    }

    [Fact]
    public void Truncating_keeps_what_is_behind_and_its_room_is_used_again()
    {
        using var journal = Open();
        var batch = new byte[12_000];
        new Random(1).NextBytes(batch);
        for (var number = 0; number < 50; number++)
        {
            journal.Append(batch);
        }

        var full = journal.SizeBytes;
        journal.Truncate(40);
        Assert.Equal(Enumerable.Range(41, 10).Select(position => (long)position), journal.ReadAfter(0).Select(one => one.Position));
        Assert.InRange(journal.SizeBytes, 10 * batch.Length, full / 3);
        for (var number = 0; number < 40; number++)
        {
            journal.Append(batch);
        }

        Assert.InRange(journal.SizeBytes, 0, full + 8192);
    }

    [Fact]
    public void Appending_and_truncating_may_go_on_while_batches_are_read()
    {
        using var journal = Open();
        journal.Append([1]);
        journal.Append([2]);
        var seen = new List<long>();
        foreach (var (position, _) in journal.ReadAfter(0))
        {
            seen.Add(position);
            journal.Truncate(position);
            if (position < 5)
            {
                journal.Append([9]);
            }
        }

        Assert.Equal([1, 2, 3, 4, 5, 6], seen);
    }

    [Fact]
    public void A_batch_whose_content_rotted_is_left_out_and_counted()
    {
        var mark = "too short and varied to pack"u8.ToArray();
        using (var journal = Open())
        {
            journal.Append(mark);
            journal.Append([2]);
        }

        var bytes = File.ReadAllBytes(folder.File("journal.db"));
        bytes[bytes.AsSpan().IndexOf(mark) + 10] ^= 4;
        File.WriteAllBytes(folder.File("journal.db"), bytes);

        using var again = Open();
        Assert.Null(again.Damage);
        Assert.Equal([2L], again.ReadAfter(0).Select(batch => batch.Position));
        Assert.Equal(1, again.DamagedBatches);
    }

    private ReadingJournal Open(long notBefore = 0) => ReadingJournal.Open(folder.Path, TimeProvider.System, notBefore);
}
