using System.Globalization;
using EdgeGateway.Settings;
using EdgeGateway.Stages;

namespace EdgeGateway.Ingest;

/// <summary>What the Ingest stage remembers: its sensors, its clock, the outages of its connection. Touched only between messages.</summary>
internal sealed class IngestState
{
    /// <summary>Name of the stage's part of a snapshot.</summary>
    public const string Section = "ingest";

    private readonly SensorRegistry registry;
    private readonly ClockState clock;
    private readonly OutageWatch outages;
    private bool clockAlert;

    /// <param name="lastObserved">Until when an earlier run observed; null at the first start.</param>
    public IngestState(GatewaySettings settings, ClockState clock, SensorRegistry registry, Accounting accounting, DateTimeOffset? lastObserved)
    {
        (this.clock, this.registry) = (clock, registry);
        Reader = new MessageReader(registry, clock, accounting, settings.Bounds.MessageBytes);
        outages = new OutageWatch($"{settings.Broker.Host}:{settings.Broker.Port}", lastObserved, settings.Sources.Any(s => s.Time is null), accounting);
    }

    /// <summary>Reads messages.</summary>
    public MessageReader Reader { get; }

    /// <summary>Watches the connection.</summary>
    internal OutageWatch Outages => outages;

    /// <summary>The notices of a passing second.</summary>
    public IEnumerable<StageEvent> Tick(DateTimeOffset now)
    {
        yield return new Tick(now);
        if (outages.Tick(now) is { } away)
        {
            yield return away;
        }

        if (clock.IsSet == clockAlert)
        {
            clockAlert = !clock.IsSet;
            yield return new OwnCondition("clock", clockAlert, now, string.Create(CultureInfo.InvariantCulture, $"This gateway's clock shows {now:u}, which cannot be: event times are taken as they come until it is set."));
        }
    }

    /// <summary>Writes the sensors and their newest event times.</summary>
    public void WriteTo(OpenSnapshot snapshot)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(registry.Sensors.Count);
        foreach (var sensor in registry.Sensors)
        {
            writer.Write(sensor.Topic);
            writer.Write(sensor.ValueName);
            writer.Write(sensor.Order.Newest?.UtcTicks ?? 0);
        }

        writer.Flush();
        snapshot.Append(Section, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>Puts the sensors of a snapshot back; those whose source left the configuration are forgotten.</summary>
    public static void Restore(byte[] section, SensorRegistry registry, ClockState clock)
    {
        using var reader = new BinaryReader(new MemoryStream(section));
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var sensor = registry.Restore(reader.ReadString(), reader.ReadString());
            var newest = reader.ReadInt64();
            if (sensor is not null && newest > 0)
            {
                var time = new DateTimeOffset(newest, TimeSpan.Zero);
                sensor.Order.Restore(time);
                clock.Checkpointed(time);
            }
        }
    }
}
