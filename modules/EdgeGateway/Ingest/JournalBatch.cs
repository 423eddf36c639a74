using EdgeGateway.Storage;

namespace EdgeGateway.Ingest;

/// <summary>
/// Readings as they arrived, in the form of the journal: each names its sensor at first use and its place among the batch's sensors afterwards. Little endian.
/// </summary>
internal sealed class JournalBatch : IDisposable
{
    private readonly MemoryStream buffer = new();
    private readonly BinaryWriter writer;
    private readonly Dictionary<Sensor, int> sensors = [];

    public JournalBatch() => writer = new BinaryWriter(buffer);

    /// <summary>Messages in the batch.</summary>
    public int Messages { get; private set; }

    /// <summary>Receive number of its newest message that is acknowledged by number; 0 when there is none.</summary>
    public long Through { get; private set; }

    public bool IsEmpty => Messages == 0;

    /// <summary>Adds one message, also one without readings: it is acknowledged with the batch.</summary>
    public void Add(long number, List<SensorReading> readings)
    {
        Messages++;
        Through = Math.Max(Through, number);
        foreach (var reading in readings)
        {
            WriteSensor(reading.Sensor);
            writer.Write(reading.Time.UtcTicks);
            writer.Write(reading.ReceivedAt.UtcTicks);
            writer.Write(reading.Value);
            writer.Write(reading.LastOfMessage);
        }
    }

    /// <summary>The bytes for the journal; empty when no message had a reading.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.GetBuffer().AsSpan(0, (int)buffer.Length);

    /// <summary>Starts the next batch in the same memory.</summary>
    public void Clear()
    {
        buffer.SetLength(0);
        sensors.Clear();
        (Messages, Through) = (0, 0);
    }

    /// <summary>Calls <paramref name="message"/> with the readings of each message of a batch; sensors whose source is gone are left out.</summary>
    public static void Read(byte[] bytes, SensorRegistry registry, Action<List<SensorReading>> message)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var (known, readings) = (new List<Sensor?>(), new List<SensorReading>());
        while (reader.BaseStream.Position < bytes.Length)
        {
            var index = reader.Read7BitEncodedInt();
            if (index == known.Count)
            {
                known.Add(registry.Restore(reader.ReadString(), reader.ReadString()));
            }

            var (time, received, value, last) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadDouble(), reader.ReadBoolean());
            if (known[index] is { } sensor)
            {
                readings.Add(new SensorReading(sensor, new DateTimeOffset(time, TimeSpan.Zero), value, new DateTimeOffset(received, TimeSpan.Zero), ClockStep: false, last));
            }

            if (last && readings.Count > 0)
            {
                message(readings);
                readings.Clear();
            }
        }
    }

    public void Dispose() => writer.Dispose();

    private void WriteSensor(Sensor sensor)
    {
        if (sensors.TryGetValue(sensor, out var index))
        {
            writer.Write7BitEncodedInt(index);
            return;
        }

        writer.Write7BitEncodedInt(sensors.Count);
        sensors.Add(sensor, sensors.Count);
        writer.Write(sensor.Topic);
        writer.Write(sensor.ValueName);
    }
}
