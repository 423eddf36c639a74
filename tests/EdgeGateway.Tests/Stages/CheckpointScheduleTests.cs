using EdgeGateway.Stages;
using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Stages;

public sealed class CheckpointScheduleTests : IDisposable
{
    private const long Budget = 24_000_000;
    private const long LargeJournal = (64 << 20) + 1;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly CheckpointSchedule schedule;

    public CheckpointScheduleTests() => schedule = new CheckpointSchedule(Path.Combine(folder.FullName, "s"), Budget, clock);

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_checkpoint_is_due_every_hour()
    {
        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(schedule.IsDue(journalBytes: 0));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(schedule.IsDue(journalBytes: 0));
    }

    [Fact]
    public async Task A_snapshot_that_takes_more_than_its_hour_of_the_write_budget_is_written_less_often()
    {
        await CompleteAsync(bytes: 3 * Budget / 24);
        clock.Advance(TimeSpan.FromMinutes(179));
        Assert.False(schedule.IsDue(journalBytes: 0));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(schedule.IsDue(journalBytes: 0));
    }

    [Fact]
    public async Task A_large_journal_asks_for_a_checkpoint_before_its_hour_but_not_beyond_the_write_budget()
    {
        Assert.True(schedule.IsDue(LargeJournal));
        await CompleteAsync(bytes: Budget / 24 / 2);
        clock.Advance(TimeSpan.FromMinutes(29));
        Assert.False(schedule.IsDue(LargeJournal));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(schedule.IsDue(LargeJournal));
    }

    [Fact]
    public async Task One_checkpoint_is_under_way_at_a_time()
    {
        using var open = schedule.Begin(new SnapshotHeader(0, Any.Noon));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.False(schedule.IsDue(LargeJournal));
        schedule.Completed(await open.CommitAsync());
        Assert.True(schedule.IsDue(LargeJournal));
    }

    private async Task CompleteAsync(long bytes)
    {
        using var open = schedule.Begin(new SnapshotHeader(0, Any.Noon));
        await open.CommitAsync();
        schedule.Completed(bytes);
    }
}
