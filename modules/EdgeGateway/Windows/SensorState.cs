using System.Buffers;
using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Storage;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Windows;

/// <summary>Everything the Windows stage remembers of one sensor. Bounded: rings and histograms of fixed size, at most 48 KiB on disk.</summary>
internal sealed class SensorState(Sensor sensor)
{
    /// <summary>What the written form begins with; that of older versions begins with the ticks of a sampling step.</summary>
    private const long Form = -2;

    private readonly long[] times = new long[WindowSummary.Length];
    private long samples;

    public Sensor Sensor { get; } = sensor;

    public SensorFields Fields { get; private set; } = new();

    public StepEstimate Step { get; private set; } = new();

    /// <summary>Samples since the sensor's clock was last set back.</summary>
    public long FreshSamples { get; private set; }

    public DateTimeOffset LastSample { get; private set; }

    public DateTimeOffset LastReceived { get; set; }

    public bool Silent { get; set; }

    /// <summary>Whether its values are outside their range.</summary>
    public LimitWatch Limit { get; private set; } = new();

    /// <summary>For sensors that report on change: the value that holds, and the next instant of the sampling grid (0 = none yet).</summary>
    public double Held { get; set; } = double.NaN;

    /// <summary>Ticks of the next sample of the grid; 0 before the first reading.</summary>
    public long NextGrid { get; set; }

    public long Samples => samples;

    /// <summary>Event time of the first sample of the window that ends with the newest sample.</summary>
    public DateTimeOffset WindowStart
    {
        get
        {
            var length = (int)Math.Min(Math.Min(samples, FreshSamples), times.Length);
            return new DateTimeOffset(times[(samples - length) % times.Length], TimeSpan.Zero);
        }
    }

    /// <summary>The newest samples, at most those of a window, oldest first, missing ones as NaN; fewer while the sensor is young.</summary>
    public ImmutableArray<SensorSample> NewestSamples(int most)
    {
        Span<double> values = stackalloc double[most];
        values = values[..Fields.CopyLast(values)];
        var newest = ImmutableArray.CreateBuilder<SensorSample>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var missing = Fields.WasMissing(values.Length - 1 - i);
            newest.Add(new SensorSample(times[(samples - values.Length + i) % times.Length], missing ? double.NaN : values[i]));
        }

        return newest.MoveToImmutable();
    }

    /// <summary>The sensor's clock was set back: a new window begins.</summary>
    public void StepClock()
    {
        Fields.StepClock();
        FreshSamples = 0;
    }

    /// <summary>Forgets what the values looked like; when they come, and that the sensor is silent or outside its range, stays known.</summary>
    public void BeginAnew()
    {
        Fields = new SensorFields();
        (samples, FreshSamples) = (0, 0);
    }

    /// <summary>
    /// A history ends here, maybe long before now: what it looked like stays known. All that belongs to a moment (the window, the sampling step, the value that holds, range and silence) begins with
    /// the first live reading.
    /// </summary>
    public void EndHistory(DateTimeOffset now)
    {
        StepClock();
        (Step, Limit, Held, NextGrid, LastReceived) = (new StepEstimate(), new LimitWatch(), double.NaN, 0, now);
    }

    /// <summary>Adds one sample; true when a hop ended and <paramref name="raw"/> holds its fields.</summary>
    public bool Push(DateTimeOffset time, double value, Span<double> raw)
    {
        FreshSamples++;
        times[samples % times.Length] = time.UtcTicks;
        samples++;
        LastSample = time;
        Step.Add(time);
        return Fields.Push(value, (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / (double)TimeSpan.TicksPerSecond, raw);
    }

    /// <summary>Appends the exact state; a restored sensor goes on bit for bit.</summary>
    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(Form);
        writer.Write(SampleTicks(Sensor));
        writer.Write(samples);
        writer.Write(FreshSamples);
        writer.Write(LastSample.UtcTicks);
        writer.Write(LastReceived.UtcTicks);
        writer.Write(Silent);
        Limit.WriteTo(writer);
        writer.Write(Held);
        writer.Write(NextGrid);
        foreach (var time in times)
        {
            writer.Write(time);
        }

        Step.WriteTo(writer);
        var fields = new ArrayBufferWriter<byte>(SensorFields.LargestSnapshot);
        Fields.WriteTo(fields);
        writer.Write(fields.WrittenCount);
        writer.Write(fields.WrittenSpan);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote; null when the sensor is sampled in another way now, so that it begins anew.</summary>
    public static SensorState? Read(Sensor sensor, BinaryReader reader)
    {
        var first = reader.ReadInt64();
        var older = first != Form;
        if ((older ? first : reader.ReadInt64()) != SampleTicks(sensor))
        {
            return null;
        }

        var state = new SensorState(sensor)
        {
            samples = reader.ReadInt64(),
            FreshSamples = reader.ReadInt64(),
            LastSample = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero),
            LastReceived = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero),
            Silent = reader.ReadBoolean(),
            Limit = older ? OlderLimit(reader.ReadBoolean()) : LimitWatch.Read(reader),
            Held = reader.ReadDouble(),
            NextGrid = reader.ReadInt64(),
        };
        for (var i = 0; i < state.times.Length; i++)
        {
            state.times[i] = reader.ReadInt64();
        }

        state.Step = StepEstimate.Read(reader);
        state.Fields = SensorFields.TryRead(reader.ReadBytes(reader.ReadInt32()), out var fields)
            ? fields
            : throw new InvalidDataException($"The fields of {sensor.Id} in the snapshot are of another version.");
        return state;
    }

    private static LimitWatch OlderLimit(bool outside)
    {
        var limit = new LimitWatch();
        limit.Resume(outside);
        return limit;
    }

    private static long SampleTicks(Sensor sensor) => sensor.Source.Sample?.Ticks ?? 0;
}
