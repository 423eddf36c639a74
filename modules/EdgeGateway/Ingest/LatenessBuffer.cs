namespace EdgeGateway.Ingest;

/// <summary>
/// Holds messages back, by topic, until their source's lateness has passed in event time (a newer message is that far ahead), or nothing came for that long. Bounded: beyond
/// <see cref="Most"/> the oldest of the topic goes on early.
/// </summary>
internal sealed class LatenessBuffer
{
    /// <summary>Messages that are held back in all.</summary>
    public const int Most = 20_000;

    private readonly Dictionary<string, Held> topics = new(StringComparer.Ordinal);
    private long number;
    private int count;

    /// <summary>Holds a message back.</summary>
    public void Add(List<SensorReading> message)
    {
        var topic = message[0].Sensor.Topic;
        if (!topics.TryGetValue(topic, out var held))
        {
            held = new Held(message[0].Sensor.Source.Lateness);
            topics.Add(topic, held);
        }

        held.Newest = message[0].Time > held.Newest ? message[0].Time : held.Newest;
        held.LastReceived = message[0].ReceivedAt;
        held.Messages.Enqueue([.. message], (message[0].Time.UtcTicks, number++));
        count++;
    }

    /// <summary>The next message of the topic that newer ones are far enough ahead of; null when there is none.</summary>
    public List<SensorReading>? NextDue(string topic) =>
        topics.TryGetValue(topic, out var held) && held.Messages.TryPeek(out var next, out _) && (held.Newest - next[0].Time >= held.Lateness || count > Most) ? Take(topic, held) : null;

    /// <summary>The next message of a topic that has been still for the lateness; null when there is none.</summary>
    public List<SensorReading>? NextIdle(DateTimeOffset now)
    {
        foreach (var (topic, held) in topics)
        {
            if (now - held.LastReceived >= held.Lateness)
            {
                return Take(topic, held);
            }
        }

        return null;
    }

    /// <summary>The next message of a topic whose sensor is one of these, however short it was held; null when there is none.</summary>
    public List<SensorReading>? NextOf(IReadOnlySet<Sensor> sensors)
    {
        var (topic, held) = topics.FirstOrDefault(t => t.Value.Messages.UnorderedItems.Any(m => m.Element.Exists(r => sensors.Contains(r.Sensor))));
        return held is null ? null : Take(topic, held);
    }

    /// <summary>Appends all held messages.</summary>
    public void WriteTo(BinaryWriter writer)
    {
        using var batch = new JournalBatch();
        foreach (var message in topics.Values.SelectMany(h => h.Messages.UnorderedItems).OrderBy(m => m.Priority.Number))
        {
            batch.Add(0, message.Element);
        }

        writer.Write(batch.Bytes.Length);
        writer.Write(batch.Bytes);
    }

    /// <summary>Puts back what <see cref="WriteTo"/> wrote.</summary>
    public void Restore(BinaryReader reader, SensorRegistry registry) => JournalBatch.Read(reader.ReadBytes(reader.ReadInt32()), registry, Add);

    private List<SensorReading> Take(string topic, Held held)
    {
        var message = held.Messages.Dequeue();
        count--;
        if (held.Messages.Count == 0)
        {
            topics.Remove(topic);
        }

        return message;
    }

    private sealed class Held(TimeSpan lateness)
    {
        public TimeSpan Lateness { get; } = lateness;

        public DateTimeOffset Newest { get; set; }

        public DateTimeOffset LastReceived { get; set; }

        public PriorityQueue<List<SensorReading>, (long Time, long Number)> Messages { get; } = new();
    }
}
