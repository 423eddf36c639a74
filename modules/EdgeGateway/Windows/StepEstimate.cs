namespace EdgeGateway.Windows;

/// <summary>The usual time between two samples of one sensor: the median of the newest 15 intervals.</summary>
internal sealed class StepEstimate
{
    private const int Size = 15;
    private readonly long[] intervals = new long[Size];
    private long previous = -1;
    private int count;
    private int next;

    /// <summary>Median interval; zero before there are two samples.</summary>
    public TimeSpan Step
    {
        get
        {
            if (count == 0)
            {
                return TimeSpan.Zero;
            }

            Span<long> sorted = stackalloc long[Size];
            intervals.AsSpan(0, count).CopyTo(sorted);
            sorted[..count].Sort();
            return TimeSpan.FromTicks(sorted[count / 2]);
        }
    }

    /// <summary>Adds the event time of a sample; a step back starts anew from there without forgetting the intervals.</summary>
    public void Add(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        if (previous >= 0 && ticks > previous)
        {
            intervals[next] = ticks - previous;
            next = (next + 1) % Size;
            count = Math.Min(count + 1, Size);
        }

        previous = ticks;
    }

    /// <summary>Appends the exact state.</summary>
    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(previous);
        writer.Write((byte)count);
        writer.Write((byte)next);
        foreach (var interval in intervals)
        {
            writer.Write(interval);
        }
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote. The snapshot's checksum was verified before; wrong counts are a broken assumption.</summary>
    public static StepEstimate Read(BinaryReader reader)
    {
        var estimate = new StepEstimate { previous = reader.ReadInt64(), count = reader.ReadByte(), next = reader.ReadByte() };
        if (estimate.count > Size || estimate.next >= Size)
        {
            throw new InvalidDataException("A step estimate in the snapshot has an impossible count.");
        }

        for (var i = 0; i < Size; i++)
        {
            estimate.intervals[i] = reader.ReadInt64();
        }

        return estimate;
    }
}
