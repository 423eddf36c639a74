using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Storage;

namespace EdgeGateway.Recordings;

/// <summary>A recording that goes on: the samples of an asset's sensors from before it began.</summary>
internal sealed class OpenRecording(string asset, string source)
{
    /// <summary>Samples of a sensor after which it ends in any case.</summary>
    private const int Longest = 2880;

    /// <summary>Samples of normal operation beside the first 600, of which training ignores 400.</summary>
    private const int Normal = 840;

    /// <summary>Samples after the end of the last alert: training leaves out 120, and a window follows.</summary>
    private const int Aftermath = 180;

    private readonly Dictionary<Sensor, List<SensorSample>> samples = [];

    /// <summary>Samples of its longest sensor with which it is whole.</summary>
    private int whole = RecentSamples.Capacity + Normal;

    public string Asset => asset;

    /// <summary>Our clock when it got its newest sample.</summary>
    public DateTimeOffset Touched { get; set; }

    /// <summary>Whether an alert was raised in it.</summary>
    public bool HasAlerts { get; private set; }

    /// <summary>Samples that it may come to hold, of all sensors.</summary>
    public long MostSize => (long)samples.Count * Longest;

    /// <summary>Whether nothing more belongs to it.</summary>
    public bool IsWhole => Length >= whole;

    private int Length => samples.Values.Select(s => s.Count).DefaultIfEmpty().Max();

    /// <summary>An alert of the asset was raised, is open, or has ended: a new aftermath begins.</summary>
    public void Mark()
    {
        HasAlerts = true;
        whole = Math.Min(Length + Aftermath, Longest);
    }

    /// <summary>Appends samples; false when they are not newer, so that they cannot belong to it.</summary>
    public bool Add(Sensor sensor, IEnumerable<SensorSample> newer)
    {
        if (!samples.TryGetValue(sensor, out var known))
        {
            known = [];
            samples.Add(sensor, known);
        }

        foreach (var sample in newer)
        {
            if (known.Count > 0 && sample.Ticks <= known[^1].Ticks)
            {
                return false;
            }

            known.Add(sample);
        }

        return true;
    }

    /// <summary>What there is so far, with those of the asset's alerts that fall into it.</summary>
    public Recording ToRecording(IEnumerable<RecordedAlert> alerts)
    {
        RecordedSensor[] sensors = [.. samples.Where(s => s.Value.Count > 0).OrderBy(s => s.Key.Id, StringComparer.Ordinal).Select(s => new RecordedSensor(s.Key.Id, s.Key.Unit, [.. s.Value]))];
        var first = sensors.Length == 0 ? 0 : sensors.Min(s => s.Samples[0].Ticks);
        return new Recording(asset, source, [.. alerts.Where(a => a.End is null || a.End.Value.UtcTicks > first)], [.. sensors]);
    }
}
