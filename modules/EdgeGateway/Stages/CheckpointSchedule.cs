using EdgeGateway.Storage;

namespace EdgeGateway.Stages;

/// <summary>
/// When the state of all stages is written: hourly, earlier when the journal has grown large, and always as seldom as the write budget asks for. At most one checkpoint is
/// under way.
/// </summary>
internal sealed class CheckpointSchedule(string path, long budgetBytesPerDay, TimeProvider clock)
{
    /// <summary>Bytes of journal that bring the next checkpoint early.</summary>
    public const long LargeJournal = 64 << 20;

    private static readonly TimeSpan Usual = TimeSpan.FromHours(1);
    private long begun = clock.GetTimestamp();
    private long lastBytes;
    private long budgetBytesPerDay = budgetBytesPerDay;
    private volatile TaskCompletionSource? underWay;

    /// <summary>Whether the next checkpoint should begin now.</summary>
    public bool IsDue(long journalBytes) =>
        underWay is null && clock.GetElapsedTime(begun) >= (journalBytes > LargeJournal ? Affordable(lastBytes, budgetBytesPerDay) : IntervalAfter(lastBytes, budgetBytesPerDay));

    /// <summary>Bytes that snapshots have taken so far in this run.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Time from a snapshot of this size to the next one, unless the journal grows large.</summary>
    public static TimeSpan IntervalAfter(long bytes, long budgetBytesPerDay)
    {
        var affordable = Affordable(bytes, budgetBytesPerDay);
        return affordable > Usual ? affordable : Usual;
    }

    private static TimeSpan Affordable(long bytes, long budgetBytesPerDay) => TimeSpan.FromDays(bytes / (double)budgetBytesPerDay);

    /// <summary>Completes when no checkpoint is under way: two would write one file.</summary>
    public Task Settled => underWay?.Task ?? Task.CompletedTask;

    /// <summary>Spends so many bytes a day from now on.</summary>
    public void Use(long bytesPerDay) => Volatile.Write(ref budgetBytesPerDay, bytesPerDay);

    /// <summary>Begins a checkpoint.</summary>
    public OpenSnapshot Begin(SnapshotHeader header)
    {
        underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        begun = clock.GetTimestamp();
        return new OpenSnapshot(path, header);
    }

    /// <summary>The checkpoint's file could not be written; the one before is in force until the next checkpoint.</summary>
    public void Failed() => Settle();

    /// <summary>The checkpoint's file is on disk.</summary>
    public void Completed(long bytes)
    {
        lastBytes = bytes;
        BytesWritten += bytes;
        Settle();
    }

    private void Settle()
    {
        underWay?.TrySetResult();
        underWay = null;
    }
}
