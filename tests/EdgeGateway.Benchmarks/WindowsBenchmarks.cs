using BenchmarkDotNet.Attributes;
using EdgeGateway.Ingest;
using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.Benchmarks;

/// <summary>Reading -> window with its 32 fields every tenth, beside the mean and deviation of the newest 60 samples.</summary>
public class WindowsBenchmarks
{
    private readonly Feed feed = new();
    private readonly List<StageEvent> events = [];
    private readonly Dictionary<Sensor, (double[] Newest, int Count)> rings = [];
    private Windower windower = new();
    private List<SensorReading> readings = [];

    [GlobalSetup]
    public void Warm() => windower = feed.WarmWindower();

    [IterationSetup]
    public void Prepare() => readings = feed.NextReadings();

    [Benchmark(Baseline = true, Description = "mean and deviation of 60", OperationsPerInvoke = Feed.Batch)]
    public double Bare()
    {
        var sum = 0.0;
        foreach (var reading in readings)
        {
            var (newest, count) = rings.TryGetValue(reading.Sensor, out var ring) ? ring : (new double[WindowSummary.Length], 0);
            newest[count % newest.Length] = reading.Value;
            rings[reading.Sensor] = (newest, count + 1);
            if (count % 10 == 9)
            {
                var mean = newest.Average();
                sum += Math.Sqrt(newest.Sum(v => (v - mean) * (v - mean)));
            }
        }

        return sum;
    }

    [Benchmark(Description = "reading -> window", OperationsPerInvoke = Feed.Batch)]
    public int Windows()
    {
        var count = 0;
        foreach (var reading in readings)
        {
            windower.Add(reading, events);
            count += events.Count;
            events.Clear();
        }

        return count;
    }
}
