namespace EdgeGateway.Ingest;

/// <summary>What the order of event times says of a reading.</summary>
internal enum OrderVerdict { Next, Step, Duplicate, Late }

/// <summary>
/// Keeps the samples of one sensor in event-time order: equal time is a duplicate, older is late, and ten late readings
/// in a row that are in order among themselves mean that the sensor's clock was set back.
/// </summary>
internal sealed class EventTimeOrder
{
    /// <summary>Late readings in order that make a step.</summary>
    public const int StepRun = 10;

    private long newest = long.MinValue;
    private long lateNewest = long.MinValue;
    private int lateRun;

    /// <summary>Event time of the newest taken reading; null before the first.</summary>
    public DateTimeOffset? Newest => newest == long.MinValue ? null : new DateTimeOffset(newest, TimeSpan.Zero);

    /// <summary>Judges the next reading and remembers it when it is taken (Next or Step).</summary>
    public OrderVerdict Add(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        if (ticks > newest)
        {
            Take(ticks);
            return OrderVerdict.Next;
        }

        if (ticks == newest)
        {
            return OrderVerdict.Duplicate;
        }

        lateRun = ticks > lateNewest && lateRun > 0 ? lateRun + 1 : 1;
        lateNewest = ticks;
        if (lateRun < StepRun)
        {
            return OrderVerdict.Late;
        }

        Take(ticks);
        return OrderVerdict.Step;
    }

    /// <summary>Appends the exact state.</summary>
    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(newest);
        writer.Write(lateNewest);
        writer.Write(lateRun);
    }

    /// <summary>Puts back what <see cref="WriteTo"/> wrote.</summary>
    public void Restore(BinaryReader reader) => (newest, lateNewest, lateRun) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt32());

    private void Take(long ticks)
    {
        newest = ticks;
        lateRun = 0;
        lateNewest = long.MinValue;
    }
}
