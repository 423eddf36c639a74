using System.Collections.Immutable;
using EdgeGateway.Settings;

namespace EdgeGateway.Ingest;

/// <summary>The sources of one settings snapshot, ready to find the one that wants a topic.</summary>
internal sealed class SourceMaps(ImmutableArray<SourceSettings> sources)
{
    private readonly PayloadMap[] maps = [.. sources.Select(s => new PayloadMap(s))];
    private readonly Range[] captures = new Range[sources.Select(s => s.Topic.Names.Length).DefaultIfEmpty().Max()];

    /// <summary>Binds a topic, or the origin of an OPC UA data set, to its source; null when no source wants it.</summary>
    public TopicBinding? Bind(string topic)
    {
        if (OpcUaOrigin.TryParse(topic, out var origin))
        {
            return MapOf(origin.Value.Topic) is { } map && IsOriginFor(map.Source, origin.Value) ? new TopicBinding(map, topic, origin.Value.Asset(map.Source.Topic, map.Source.Asset)) : null;
        }

        return MapOf(topic) is { Source: { Payload: PayloadForm.Json } source } json
            ? new TopicBinding(json, topic, source.Asset is { } template ? source.Topic.Expand(template, topic) : source.Input ?? topic)
            : null;
    }

    /// <summary>The map of the source that wants the messages of a topic; null when none does.</summary>
    public PayloadMap? MapOf(string topic)
    {
        foreach (var map in maps)
        {
            if (map.Source.Topic.TryMatch(topic, captures))
            {
                return map;
            }
        }

        return null;
    }

    private static bool IsOriginFor(SourceSettings source, OpcUaOrigin origin) =>
        source.Payload == PayloadForm.OpcUa && OpcUaOrigin.NamesPublisher(source.Asset) == (origin.Publisher is not null);

    /// <summary>Whether a sensor is the same under these sources: same id, same place in the payload, same sampling. Units, limits, lateness and the like may change under it.</summary>
    public bool Keep(Sensor sensor) =>
        Bind(sensor.Topic) is { } binding && binding.Map.Has(sensor.ValueName) && binding.IdOf(sensor.ValueName) == sensor.Id
        && binding.Map.Source.Sample == sensor.Source.Sample && PointerOf(binding.Map.Source, sensor) == PointerOf(sensor.Source, sensor);

    private static string? PointerOf(SourceSettings source, Sensor sensor) => source.Values?.FirstOrDefault(v => v.Name == sensor.ValueName)?.Pointer.ToString();
}
