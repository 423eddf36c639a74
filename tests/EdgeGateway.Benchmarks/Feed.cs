using System.Buffers;
using System.Globalization;
using System.Text;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.Benchmarks;

/// <summary>Healthy sensors, one topic each, whose messages carry 68 bytes of JSON; and the Ingest stage that reads them. Every message is newer than the one before it.</summary>
internal sealed class Feed
{
    /// <summary>Messages, or readings, that one invocation of a benchmark works through.</summary>
    public const int Batch = 10_000;

    private const int Sensors = 500;
    private const int WarmSamples = 1500; // more than the longest memory of a sensor
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Topics = [.. Enumerable.Range(0, Sensors).Select(n => $"load/{n}")];
    private readonly List<SensorReading> taken = [];
    private readonly Random random = new(1);
    private long number;

    public Feed()
    {
        Settings = SettingsReader.Read(
            """
            { "schema": 1, "gateway": "benchmark", "broker": { "host": "none" }, "sources": { "load": { "topic": "load/{number}", "values": { "value": "/value" }, "time": "/ts" } } }
            """u8.ToArray(),
            "benchmark").Settings!;
        State = IngestState.Create(Settings, new SensorRegistry(Settings), new ClockState(TimeProvider.System, DateTimeOffset.MaxValue), new Accounting(), rejected: null);
    }

    public GatewaySettings Settings { get; }

    public IngestState State { get; }

    /// <summary>The next messages, topics in turn, a second between two of one topic.</summary>
    public SensorMessage[] Next(int count = Batch) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    /// <summary>Lets the Ingest stage take messages; gives how many readings they held.</summary>
    public int Take(SensorMessage[] messages)
    {
        var count = 0;
        foreach (var message in messages)
        {
            State.Take(message, taken);
            count += taken.Count;
            taken.Clear();
        }

        return count;
    }

    /// <summary>The readings of the next messages.</summary>
    public List<SensorReading> NextReadings(int count = Batch)
    {
        var taken = new List<SensorReading>(count);
        foreach (var message in Next(count))
        {
            State.Take(message, taken);
        }

        return taken;
    }

    /// <summary>A Windows stage whose sensors have seen more than they remember.</summary>
    public Windower WarmWindower()
    {
        var (windower, events) = (new Windower(), new List<StageEvent>());
        windower.Observe(Start);
        for (var hop = 0; hop < WarmSamples / 10; hop++)
        {
            foreach (var reading in NextReadings(10 * Sensors))
            {
                windower.Add(reading, events);
                events.Clear();
            }
        }

        return windower;
    }

    private SensorMessage Next()
    {
        var time = Start.AddSeconds(number / Sensors);
        var value = 20 + random.NextDouble() + random.NextDouble() + random.NextDouble();
        var payload = string.Create(CultureInfo.InvariantCulture, $"{{\"ts\":\"{time.UtcDateTime:O}\",\"value\":{value:0.000},\"quality\":\"good\"}}");
        return new SensorMessage(number, Topics[number++ % Sensors], new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)), Retained: false, Redelivered: false, time);
    }
}
