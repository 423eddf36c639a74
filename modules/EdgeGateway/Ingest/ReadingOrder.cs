namespace EdgeGateway.Ingest;

/// <summary>
/// Readings as they arrived -> readings in event-time order: holds back those of sources with a <c>lateness</c>, sorts out duplicates and late ones, and notices clocks that
/// were set back. What it does depends on the arrivals alone, so a journal of arrivals brings it back exactly. Not thread-safe: used by the Ingest stage alone.
/// </summary>
internal sealed class ReadingOrder(ReadingCounters counters, RecentMessages recent)
{
    private readonly LatenessBuffer held = new();

    /// <summary>Takes the readings of one message and appends those that may go on, of this message or of earlier ones that were held back.</summary>
    /// <param name="redelivered">The message may have been sent before; if it has, all of it is duplicate and says nothing about clocks.</param>
    /// <returns>False when the message had been taken before.</returns>
    public bool Take(List<SensorReading> arrived, bool redelivered, List<SensorReading> taken)
    {
        if (arrived.Count == 0)
        {
            return true;
        }

        if (redelivered && IsDuplicate(arrived))
        {
            counters.Count(arrived[0].Sensor.Source.Name, "duplicate", arrived.Count);
            return false;
        }

        Take(arrived, taken, counted: true);
        return true;
    }

    /// <summary>
    /// A broker marks what it has sent before (DUP), and such a message without anything newer than was taken is no news, however long ago it came. Inputs of edgeHub are not marked, and with a lateness the
    /// newest is not known yet: there it counts whether the message is among the recent ones, unless it has a reading that is newer than all of its sensor: two data sets may share their newest reading, of a field that did not change.
    /// </summary>
    private bool IsDuplicate(List<SensorReading> arrived)
    {
        var (sensor, bringsNew) = (arrived[0].Sensor, arrived.Exists(r => r.Time > (r.Sensor.Order.Newest ?? DateTimeOffset.MinValue)));
        return (sensor.Source.Input is null && !bringsNew) || (recent.Contains(sensor.Id, arrived[0].Time) && (sensor.Source.Lateness > TimeSpan.Zero || !bringsNew));
    }

    /// <summary>The same for a message of the journal, which an earlier run has counted.</summary>
    public void TakeAgain(List<SensorReading> arrived, List<SensorReading> taken) => Take(arrived, taken, counted: false);

    /// <summary>Appends what was held back for long enough while nothing newer came.</summary>
    public void Tick(DateTimeOffset now, List<SensorReading> taken)
    {
        while (held.NextIdle(now) is { } message)
        {
            Sort(message, taken, counted: true);
        }
    }

    /// <summary>Appends what is held back of these sensors, in order, whether its time has come or not.</summary>
    public void Release(IReadOnlySet<Sensor> sensors, List<SensorReading> taken)
    {
        while (held.NextOf(sensors) is { } message)
        {
            Sort(message, taken, counted: true);
        }
    }

    /// <summary>Appends what is held back, and the recent messages.</summary>
    public void WriteTo(BinaryWriter writer)
    {
        held.WriteTo(writer);
        recent.WriteTo(writer);
    }

    /// <summary>Puts back what <see cref="WriteTo"/> wrote.</summary>
    public void Restore(BinaryReader reader, SensorRegistry registry)
    {
        held.Restore(reader, registry);
        recent.Restore(reader);
    }

    private void Take(List<SensorReading> arrived, List<SensorReading> taken, bool counted)
    {
        var sensor = arrived[0].Sensor;
        if (sensor.Source.Input is not null || sensor.Source.Lateness > TimeSpan.Zero)
        {
            recent.Add(sensor.Id, arrived[0].Time);
        }

        foreach (var reading in arrived)
        {
            reading.Sensor.LastReceived = reading.ReceivedAt;
        }

        if (sensor.Source.Lateness == TimeSpan.Zero)
        {
            Sort(arrived, taken, counted);
            return;
        }

        held.Add(arrived);
        while (held.NextDue(sensor.Topic) is { } message)
        {
            Sort(message, taken, counted);
        }
    }

    private void Sort(List<SensorReading> message, List<SensorReading> taken, bool counted)
    {
        var first = taken.Count;
        foreach (var reading in message)
        {
            var order = reading.Sensor.Order.Add(reading.Time);
            var isTaken = order is OrderVerdict.Next or OrderVerdict.Step;
            if (counted)
            {
                counters.Count(reading.Sensor.Source.Name, isTaken ? "taken" : order == OrderVerdict.Late ? "late" : "duplicate", 1);
            }

            if (isTaken)
            {
                taken.Add(reading with { ClockStep = order == OrderVerdict.Step, LastOfMessage = false });
            }
        }

        if (taken.Count > first)
        {
            taken[^1] = taken[^1] with { LastOfMessage = true };
        }
    }
}
