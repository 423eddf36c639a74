namespace EdgeGateway.Ingest;

/// <summary>
/// The newest messages by first sensor and event time (one topic may bring other values with the same time), of sources whose times alone do not tell what came before: inputs of edgeHub, which does not mark
/// what it sends again, and those with a lateness. Without it ten messages that come again would look like a clock that was set back.
/// </summary>
/// <remarks>
/// As many as there are packet identifiers. Mosquitto 2.0 may have more in flight: with each acknowledgement it moves up to the receive maximum of what waits into flight, whatever is there already (its issue 2301).
/// </remarks>
internal sealed class RecentMessages(int capacity = RecentMessages.MostInFlight)
{
    /// <summary>How many messages can be in flight under identifiers of their own (MQTT 5 section 2.2.1).</summary>
    public const int MostInFlight = ushort.MaxValue;

    private readonly HashSet<(string Sensor, long Time)> known = [];
    private readonly Queue<(string Sensor, long Time)> oldestFirst = new();

    /// <summary>Remembers a message and forgets the oldest beyond the capacity.</summary>
    public void Add(string sensor, DateTimeOffset time) => Add((sensor, time.UtcTicks));

    /// <summary>Whether it is one of the newest messages.</summary>
    public bool Contains(string sensor, DateTimeOffset time) => known.Contains((sensor, time.UtcTicks));

    /// <summary>Appends all of them, oldest first.</summary>
    public void WriteTo(BinaryWriter writer)
    {
        var sensors = oldestFirst.Select(m => m.Sensor).Distinct().ToList();
        writer.Write(sensors.Count);
        sensors.ForEach(writer.Write);
        var places = sensors.Select((sensor, place) => (sensor, place)).ToDictionary(t => t.sensor, t => t.place);
        writer.Write(oldestFirst.Count);
        foreach (var (sensor, time) in oldestFirst)
        {
            writer.Write7BitEncodedInt(places[sensor]);
            writer.Write(time);
        }
    }

    /// <summary>Puts back what <see cref="WriteTo"/> wrote.</summary>
    public void Restore(BinaryReader reader)
    {
        var sensors = Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadString()).ToArray();
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            Add((sensors[reader.Read7BitEncodedInt()], reader.ReadInt64()));
        }
    }

    private void Add((string Sensor, long Time) message)
    {
        if (!known.Add(message))
        {
            return;
        }

        oldestFirst.Enqueue(message);
        if (oldestFirst.Count > capacity)
        {
            known.Remove(oldestFirst.Dequeue());
        }
    }
}
