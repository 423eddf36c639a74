using System.Collections.Immutable;
using SensorSimulator.Synthesis;

namespace SensorSimulator.Plant;

/// <summary>One injected fault of the plant: the truth that alerts are compared with.</summary>
/// <param name="Start">Event time of its first sample.</param>
/// <param name="End">Event time of its last sample.</param>
/// <param name="Size">Times <paramref name="Scale"/>, 3-9.</param>
/// <param name="Scale">In the sensor's unit.</param>
public sealed record PlantFault(string Asset, string Sensor, FaultKind Kind, DateTimeOffset Start, DateTimeOffset End, double Size, double Scale);

/// <summary>One payload of the plant: the values of one asset at one second.</summary>
/// <param name="Values">By <see cref="PlantAsset.Names"/>; NaN = missing.</param>
public readonly record struct PlantMessage(PlantAsset Asset, DateTimeOffset Time, ReadOnlyMemory<double> Values);

/// <summary>An asset of the plant: one topic, one payload a second.</summary>
public sealed record PlantAsset(string Name, ImmutableArray<string> Names)
{
    /// <summary>The topic that it is published on.</summary>
    public string Topic => $"plant/{Name}";
}

/// <summary>
/// A simulated plant with labelled faults: <see cref="PlantSensor.All"/>, one reading a second each, deterministic by seed. Faults hit single sensors after a warm-up of 400
/// samples, at least 400 samples apart on one asset; their sizes are log-uniform 3-9 times a scale between local noise and whole spread (detection recipe, section 6).
/// </summary>
public sealed class Plant
{
    private const int WarmUp = 400;
    private const int Pause = 400;
    private const int SecondsPerFault = 330;
    private const double Smallest = 3;
    private const double Largest = 9;

    private readonly double[][] series;
    private readonly DateTimeOffset start;

    private Plant(DateTimeOffset start, int seconds, double[][] series, ImmutableArray<PlantFault> faults)
    {
        (this.start, Seconds, this.series, Faults) = (start, seconds, series, faults);
        Assets = [.. PlantSensor.All.GroupBy(s => s.Asset).Select(a => new PlantAsset(a.Key, [.. a.Select(s => s.Name)]))];
    }

    /// <summary>Length in seconds of plant time.</summary>
    public int Seconds { get; }

    /// <summary>The assets, one topic each.</summary>
    public ImmutableArray<PlantAsset> Assets { get; }

    /// <summary>The injected faults in order of time.</summary>
    public ImmutableArray<PlantFault> Faults { get; }

    /// <summary>The plant of a seed from <paramref name="start"/> on.</summary>
    public static Plant Create(ulong seed, DateTimeOffset start, int seconds)
    {
        var sensors = PlantSensor.All;
        var series = sensors.Select((s, i) => s.Healthy(new RandomStream(seed, (ulong)i), seconds)).ToArray();
        var faults = Inject(new RandomStream(seed, (ulong)sensors.Length), start, seconds, series);
        for (var i = 0; i < sensors.Length; i++)
        {
            var sensor = sensors[i];
            series[i] = Noise.Series(seconds, t => sensor.Report(series[i][t]));
        }

        return new Plant(start, seconds, series, faults);
    }

    /// <summary>The payloads of one second.</summary>
    public IEnumerable<PlantMessage> At(int second)
    {
        var sensor = 0;
        foreach (var asset in Assets)
        {
            var values = new double[asset.Names.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = series[sensor++][second];
            }

            yield return new PlantMessage(asset, start.AddSeconds(second), values);
        }
    }

    private static ImmutableArray<PlantFault> Inject(RandomStream r, DateTimeOffset start, int seconds, double[][] series)
    {
        var sensors = PlantSensor.All;
        var injectors = series.Select(x => new FaultInjector(r, x)).ToArray();
        var kinds = Enum.GetValues<FaultKind>().OrderBy(_ => r.Uniform()).ToArray();
        var free = sensors.Select(s => s.Asset).Distinct().ToDictionary(a => a, _ => WarmUp);
        List<PlantFault> faults = [];
        for (var number = 0; number < Math.Max(1, seconds / SecondsPerFault); number++)
        {
            var length = (int)r.LogUniform(60, 400);
            var possible = Enumerable.Range(0, sensors.Length).Where(i => free[sensors[i].Asset] + length + 60 < seconds).ToArray();
            if (possible.Length == 0)
            {
                break;
            }

            var sensor = r.Pick<int>(possible);
            var (asset, earliest) = (sensors[sensor].Asset, free[sensors[sensor].Asset]);
            var at = r.Integer(earliest, seconds - length - 60);
            var fault = injectors[sensor].Inject(kinds[number % kinds.Length], at, length, r.LogUniform(Smallest, Largest));
            free[asset] = fault.Last + Pause;
            faults.Add(new PlantFault(asset, sensors[sensor].Name, fault.Kind, start.AddSeconds(fault.First), start.AddSeconds(fault.Last), fault.Size, fault.Scale));
        }

        return [.. faults.OrderBy(f => f.Start)];
    }
}
