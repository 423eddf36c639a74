using System.Collections.Immutable;
using EdgeGateway.Settings;

namespace EdgeGateway.Ingest;

/// <summary>The sources of one settings snapshot, ready to find the one that wants a topic.</summary>
internal sealed class SourceMaps(ImmutableArray<SourceSettings> sources)
{
    private readonly PayloadMap[] maps = [.. sources.Select(s => new PayloadMap(s))];
    private readonly Range[] captures = new Range[sources.Select(s => s.Topic.Names.Length).DefaultIfEmpty().Max()];

    /// <summary>Binds a topic to its source; null when no source wants it.</summary>
    public TopicBinding? Bind(string topic)
    {
        foreach (var map in maps)
        {
            if (map.Source.Topic.TryMatch(topic, captures))
            {
                return new TopicBinding(map, topic, map.Source.Asset is { } template ? map.Source.Topic.Expand(template, topic) : topic);
            }
        }

        return null;
    }

    /// <summary>Whether a sensor is the same under these sources: same id, same place in the payload, same sampling. Units, limits, lateness and the like may change under it.</summary>
    public bool Keep(Sensor sensor) =>
        Bind(sensor.Topic) is { } binding && binding.Map.Has(sensor.ValueName) && binding.IdOf(sensor.ValueName) == sensor.Id
        && binding.Map.Source.Sample == sensor.Source.Sample && PointerOf(binding.Map.Source, sensor) == PointerOf(sensor.Source, sensor);

    private static string? PointerOf(SourceSettings source, Sensor sensor) => source.Values?.FirstOrDefault(v => v.Name == sensor.ValueName)?.Pointer.ToString();
}
