using System.Diagnostics.CodeAnalysis;
using EdgeGateway.Settings;

namespace EdgeGateway.Ingest;

/// <summary>Knows every sensor by id, and which sensors a topic carries. Bounded: sensors beyond bounds.sensors are rejected. Used by the Ingest stage alone.</summary>
internal sealed class SensorRegistry
{
    private const int LongestId = 256;
    private readonly Dictionary<string, Sensor> byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TopicBinding> byTopic = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TopicBinding> foreign = new(StringComparer.Ordinal);
    private readonly Partition partition;
    private SourceMaps sources;
    private int bound;

    public SensorRegistry(GatewaySettings settings) => (sources, bound, partition) = (new SourceMaps(settings.Sources), settings.Bounds.Sensors, settings.Partition);

    /// <summary>All sensors so far.</summary>
    public IReadOnlyCollection<Sensor> Sensors => byId.Values;

    /// <summary>The sensor of an id; null when there is none.</summary>
    public Sensor? ById(string id) => byId.GetValueOrDefault(id);

    /// <summary>The source of a topic and the sensors behind its values; null when no source wants it. Remembered once it has a sensor: others may come without end.</summary>
    internal TopicBinding? Find(string topic)
    {
        if (byTopic.TryGetValue(topic, out var known) || foreign.TryGetValue(topic, out known))
        {
            return known;
        }

        var binding = sources.Bind(topic);
        if (binding is not null && !partition.Keeps(binding.Asset))
        {
            binding.IsForeign = true;
            Remember(binding);
        }

        return binding;
    }

    /// <summary>Whose assets are whose takes time to find out: remembered for as many topics, of the length that sensors may have, as the other processes may follow; beyond, from the beginning.</summary>
    private void Remember(TopicBinding other)
    {
        if (other.Topic.Length > LongestId)
        {
            return;
        }

        if (foreign.Count >= (long)bound * partition.Of)
        {
            foreign.Clear();
        }

        foreign.Add(other.Topic, other);
    }

    /// <summary>The map of the source that reads a topic as OPC UA messages, whose readings have origins of their own; null when there is none.</summary>
    internal PayloadMap? FindOpcUa(string topic) => sources.MapOf(topic) is { Source.Payload: PayloadForm.OpcUa } map ? map : null;

    /// <summary>The sensors that would not be the same ones under other sources: no source wants their topic or value any more, or their samples would be other ones.</summary>
    internal IReadOnlyList<Sensor> LeavingUnder(SourceMaps others) => [.. byId.Values.Where(s => !others.Keep(s))];

    /// <summary>Puts other sources in force. The sensors that leave have been forgotten; the others stay the same objects.</summary>
    internal void Use(SourceMaps others, int sensors)
    {
        (sources, bound) = (others, sensors);
        byTopic.Clear();
        foreign.Clear();
        foreach (var sensor in byId.Values)
        {
            sensor.Source = others.Bind(sensor.Topic)!.Map.Source;
        }
    }

    /// <summary>The sensor of one named value of a topic, made on first sight.</summary>
    internal bool TryResolve(TopicBinding binding, string valueName, [NotNullWhen(true)] out Sensor? sensor, out RejectReason reason)
    {
        var id = binding.IdOf(valueName);
        (sensor, reason) = (null, default);
        if (byId.TryGetValue(id, out var known))
        {
            reason = RejectReason.Collision;
            sensor = known.Topic == binding.Topic ? known : null;
        }
        else if (id.Length > LongestId || binding.Topic.Length > LongestId || id.AsSpan().ContainsAnyInRange('\0', '\u001f') || id.AsSpan().ContainsAnyInRange('\u007f', '\u009f'))
        {
            reason = RejectReason.Name;
        }
        else if (byId.Count >= bound)
        {
            reason = RejectReason.Bounds;
        }
        else
        {
            sensor = new Sensor { Id = id, Asset = binding.Asset, ValueName = valueName, Topic = binding.Topic, Source = binding.Map.Source };
            byId.Add(id, sensor);
        }

        if (sensor is not null)
        {
            byTopic.TryAdd(binding.Topic, binding);
        }

        return sensor is not null;
    }

    /// <summary>Makes a sensor that a snapshot knows; null when no source wants its topic or its value any more.</summary>
    public Sensor? Restore(string topic, string valueName) =>
        Find(topic) is { IsForeign: false } binding && binding.Map.Has(valueName) && TryResolve(binding, valueName, out var sensor, out _) ? sensor : null;

    /// <summary>Forgets a sensor that was not seen for long.</summary>
    public void Forget(Sensor sensor)
    {
        byId.Remove(sensor.Id);
        byTopic.Remove(sensor.Topic);
    }
}

/// <summary>A topic that was seen, its source, its asset, and its sensors by value.</summary>
internal sealed class TopicBinding(PayloadMap map, string topic, string asset)
{
    public PayloadMap Map { get; } = map;

    public string Topic { get; } = topic;

    public string Asset { get; } = asset;

    /// <summary>Whether another process of the partition judges the asset.</summary>
    public bool IsForeign { get; set; }

    /// <summary>Id of the sensor behind a value; "" is the bare number.</summary>
    public string IdOf(string valueName) => valueName.Length == 0 ? Asset : $"{Asset}/{valueName}";

    /// <summary>Sensors by slot of the map; null until first resolved.</summary>
    public Sensor?[] BySlot { get; } = new Sensor?[map.ValueCount];

    /// <summary>Sensors by name, for sources that take every top-level number.</summary>
    public Dictionary<string, Sensor> ByName { get; } = new(StringComparer.Ordinal);
}
