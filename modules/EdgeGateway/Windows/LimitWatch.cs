using EdgeGateway.Ingest;
using EdgeGateway.Settings;

namespace EdgeGateway.Windows;

/// <summary>
/// Whether one sensor is outside its range (after OPC UA part 9, section 5.8, and ISA-18.2): a value counts as inside again only behind the hysteresis, and either side is told
/// when its delay is over without interruption. By event time alone, so that the same readings give the same crossings; allocates nothing but these.
/// </summary>
internal sealed class LimitWatch
{
    private bool beyond;
    private long since;
    private long seen;
    private double value = double.NaN;

    /// <summary>Whether the sensor is outside, as it was told last.</summary>
    public bool Outside { get; private set; }

    /// <summary>Whether a delay runs.</summary>
    public bool IsPending => since != 0;

    /// <summary>After a restart: alerts on disk win over what an older snapshot says.</summary>
    public void Resume(bool outside)
    {
        if (Outside != outside)
        {
            (Outside, beyond, since) = (outside, outside, 0);
        }
    }

    /// <summary>The last value has held to this moment, which does not belong to it any more: whether a delay was over before.</summary>
    public LimitCrossing? Hold(Sensor sensor, DateTimeOffset until)
    {
        var (source, range) = (sensor.Source, sensor.Range);
        var over = since + DelayOf(source).Ticks;
        return IsPending && range is not null && over < until.UtcTicks ? Turn(sensor, over, range.Value, DelayOf(source)) : null;
    }

    /// <summary>Takes a reading; gives the crossing that it completes. A missing value says nothing.</summary>
    /// <param name="longestGap">Between two values, for a delay to go on: nobody knows what was in a longer one. Null for any.</param>
    public LimitCrossing? Add(in SensorReading reading, TimeSpan? longestGap)
    {
        var time = reading.Time.UtcTicks;
        since = reading.ClockStep || time - seen > longestGap?.Ticks ? 0 : since;
        if (double.IsNaN(reading.Value))
        {
            return null;
        }

        seen = time;
        var (source, range) = (reading.Sensor.Source, reading.Sensor.Range);
        Look(reading.Value, range, reading.Sensor.Hysteresis);
        if (beyond == Outside)
        {
            since = 0;
            return null;
        }

        since = IsPending ? since : time;

        // a range that was taken away has nothing outside, and nothing to wait for
        var delay = range is null ? TimeSpan.Zero : DelayOf(source);
        return time - since >= delay.Ticks ? Turn(reading.Sensor, time, range ?? default, delay) : null;
    }

    /// <summary>Appends the exact state.</summary>
    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(Outside);
        writer.Write(beyond);
        writer.Write(since);
        writer.Write(seen);
        writer.Write(value);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    public static LimitWatch Read(BinaryReader reader) => new()
    {
        Outside = reader.ReadBoolean(),
        beyond = reader.ReadBoolean(),
        since = reader.ReadInt64(),
        seen = reader.ReadInt64(),
        value = reader.ReadDouble(),
    };

    private void Look(double newest, ValueRange? range, double hysteresis)
    {
        var outside = newest < range?.Low || newest > range?.High;
        var inside = range is not { } allowed || (newest >= allowed.Low + hysteresis && newest <= allowed.High - hysteresis);
        beyond = outside || (beyond && !inside);

        // what is told is a value that was outside, not one of those between
        value = outside || !beyond ? newest : value;
    }

    private TimeSpan DelayOf(SourceSettings source) => beyond ? source.OnDelay : source.OffDelay;

    private LimitCrossing Turn(Sensor sensor, long at, ValueRange range, TimeSpan delay)
    {
        var crossing = new LimitCrossing(sensor, beyond, new DateTimeOffset(at, TimeSpan.Zero), value) { Since = new DateTimeOffset(since, TimeSpan.Zero), Delay = delay, Range = range };
        (Outside, since) = (beyond, 0);
        return crossing;
    }
}
