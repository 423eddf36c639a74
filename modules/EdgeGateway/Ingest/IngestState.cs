using System.Globalization;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Ingest;

/// <summary>What the Ingest stage remembers: its sensors, its clock, the outages of its connection. Touched only between messages.</summary>
internal sealed class IngestState
{
    /// <summary>Name of the stage's part of a snapshot.</summary>
    public const string Section = "ingest";

    /// <summary>What the section begins with; those of older versions begin with the number of sensors, and name neither their ids nor their assets.</summary>
    private const int Form = -1;

    /// <summary>Sensors that were not seen for this long are forgotten.</summary>
    public static readonly TimeSpan ForgetAfter = TimeSpan.FromDays(30);

    private readonly SensorRegistry registry;
    private readonly ClockState clock;
    private readonly MessageReader reader;
    private readonly Accounting.Counter bytes;
    private readonly Accounting.Counter sensors;
    private readonly List<SensorReading> arrived = [];
    private bool clockAlert;
    private bool damageTold;

    private IngestState(SensorRegistry registry, ClockState clock, MessageReader reader, ReadingOrder order, OutageWatch outages, Accounting accounting) =>
        (this.registry, this.clock, this.reader, Order, Outages, bytes, sensors) = (registry, clock, reader, order, outages, accounting.Of("bytes.received"), accounting.Of("sensors"));

    /// <summary>A stage that has seen nothing yet.</summary>
    /// <param name="rejected">Told every rejected reading: source, topic or sensor, reason.</param>
    public static IngestState Create(GatewaySettings settings, SensorRegistry registry, ClockState clock, Accounting accounting, Action<string, string, RejectReason>? rejected)
    {
        var counters = new ReadingCounters(accounting);
        return new IngestState(
            registry,
            clock,
            new MessageReader(registry, clock, counters, settings.Bounds.MessageBytes) { Rejected = rejected },
            new ReadingOrder(counters, new RecentMessages()),
            new OutageWatch(settings.Broker is { } broker ? $"{broker.Host}:{broker.Port}" : null, HasQos0(settings), accounting),
            accounting);
    }

    private static bool HasQos0(GatewaySettings settings) => settings.Broker is { Qos: 0 } || settings.Sources.Any(s => s is { Input: null, HasEventTime: false });

    /// <summary>Puts readings in order.</summary>
    public ReadingOrder Order { get; }

    /// <summary>Watches the connection.</summary>
    public OutageWatch Outages { get; }

    /// <summary>What was found wrong with the files of the data folder at the start, one sentence each.</summary>
    public List<string> Damage { get; } = [];

    /// <summary>The sensors of the snapshot that are no longer the same ones under the present settings.</summary>
    public List<(string Id, string Asset)> Left { get; } = [];

    /// <summary>Takes one message and appends the readings that may go on. Returns those that arrived with it, for the journal; valid until the next call.</summary>
    public List<SensorReading> Take(in SensorMessage message, List<SensorReading> taken)
    {
        arrived.Clear();
        bytes.Add(message.Payload.Length);
        reader.Read(message, arrived);
        if (arrived.FindIndex(r => r.LastOfMessage) < arrived.Count - 1)
        {
            TakeHops(message.Redelivered, taken);
        }
        else if (!Order.Take(arrived, message.Redelivered, taken))
        {
            arrived.Clear();
        }

        return arrived;
    }

    /// <summary>The same for a message that holds several hops: each is what a message of its own would be.</summary>
    private void TakeHops(bool redelivered, List<SensorReading> taken)
    {
        var all = arrived.ToArray();
        arrived.Clear();
        var hop = new List<SensorReading>();
        foreach (var reading in all)
        {
            hop.Add(reading);
            if (reading.LastOfMessage)
            {
                arrived.AddRange(Order.Take(hop, redelivered, taken) ? hop : []);
                hop.Clear();
            }
        }
    }

    /// <summary>Whether our own clock can be believed.</summary>
    public bool ClockIsSet => clock.IsSet;

    /// <summary>The notices of a passing second.</summary>
    public IEnumerable<StageEvent> Tick(DateTimeOffset now)
    {
        if (clock.TakeStep() is var step && step != TimeSpan.Zero)
        {
            MoveReceived(now - step, step);
            foreach (var anew in Outages.ClockSet(now))
            {
                yield return anew;
            }
        }

        sensors.Set(registry.Sensors.Count);
        yield return new Tick(now) { ClockIsSet = clock.IsSet };
        if (Outages.Tick(now) is { } away)
        {
            yield return away;
        }

        if (!damageTold)
        {
            damageTold = true;
            yield return new OwnCondition("disk", Damage.Count > 0, now, string.Join(' ', Damage));
        }

        if (clock.IsSet == clockAlert)
        {
            clockAlert = !clock.IsSet;
            yield return new OwnCondition("clock", clockAlert, now, string.Create(CultureInfo.InvariantCulture, $"This gateway's clock shows {now:u}, which cannot be: event times are taken as they come until it is set."));
        }
    }

    /// <summary>What arrived by the old time of our clock, in its last day, arrived as long ago by the new one.</summary>
    private void MoveReceived(DateTimeOffset old, TimeSpan step)
    {
        foreach (var sensor in registry.Sensors.Where(s => s.LastReceived <= old && s.LastReceived > old.AddDays(-1)))
        {
            sensor.LastReceived += step;
        }
    }

    /// <summary>
    /// Puts other settings in force. Appends what was held back of sensors that leave or are ordered otherwise now; it goes on before the notices that are returned, of the
    /// sensors that left.
    /// </summary>
    public IReadOnlyList<StageEvent> Use(GatewaySettings settings, DateTimeOffset now, List<SensorReading> taken)
    {
        var sources = new SourceMaps(settings.Sources);
        var leaving = registry.LeavingUnder(sources);
        var reordered = registry.Sensors.Except(leaving).Where(s => sources.Bind(s.Topic)!.Map.Source.Lateness != s.Source.Lateness);
        Order.Release(leaving.Concat(reordered).ToHashSet(), taken);
        foreach (var sensor in leaving)
        {
            registry.Forget(sensor);
        }

        registry.Use(sources, settings.Bounds.Sensors);
        reader.MessageBytes = settings.Bounds.MessageBytes;
        Outages.HasQos0 = HasQos0(settings);
        return [.. leaving.Select(s => new SensorForgotten(s, now))];
    }

    /// <summary>Forgets the sensors that were not seen for 30 days, and says which.</summary>
    public IEnumerable<StageEvent> Forget(DateTimeOffset now)
    {
        foreach (var sensor in registry.Sensors.Where(s => now - s.LastReceived > ForgetAfter).ToList())
        {
            registry.Forget(sensor);
            yield return new SensorForgotten(sensor, now);
        }
    }

    /// <summary>Writes the sensors and the order of their event times.</summary>
    public void WriteTo(OpenSnapshot snapshot)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(Form);
        writer.Write(registry.Sensors.Count);
        foreach (var sensor in registry.Sensors)
        {
            writer.Write(sensor.Topic);
            writer.Write(sensor.ValueName);
            writer.Write(sensor.Id);
            writer.Write(sensor.Asset);
            writer.Write(sensor.LastReceived.UtcTicks);
            sensor.Order.WriteTo(writer);
            clock.Checkpointing(sensor.Order.Newest ?? DateTimeOffset.MinValue);
        }

        writer.Write(clock.Floor.UtcTicks);
        Order.WriteTo(writer);
        writer.Flush();
        snapshot.Append(Section, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>Puts the sensors of a snapshot back, beside those of a section before it; those whose source left the configuration are forgotten, and kept in <see cref="Left"/>.</summary>
    public void Restore(byte[] section)
    {
        using var from = new BinaryReader(new MemoryStream(section));
        var first = from.ReadInt32();
        var older = first != Form;
        for (var count = older ? first : from.ReadInt32(); count > 0; count--)
        {
            var sensor = registry.Restore(from.ReadString(), from.ReadString());
            if (!older && (Id: from.ReadString(), Asset: from.ReadString()) is var was && was.Id != sensor?.Id)
            {
                Left.Add(was);
            }

            var lastReceived = new DateTimeOffset(from.ReadInt64(), TimeSpan.Zero);
            (sensor?.Order ?? new EventTimeOrder()).Restore(from);
            if (sensor is not null)
            {
                sensor.LastReceived = lastReceived;
            }
        }

        clock.Restore(new DateTimeOffset(from.ReadInt64(), TimeSpan.Zero));
        Order.Restore(from, registry);
    }
}
