using EdgeGateway.Settings;

namespace EdgeGateway.Ingest;

/// <summary>Identity of one sensor: made once by <see cref="SensorRegistry"/>, compared by reference afterwards.</summary>
internal sealed class Sensor
{
    private SourceSettings source = null!;

    /// <summary>Asset, or asset + "/" + value name. At most 256 characters, no control characters.</summary>
    public required string Id { get; init; }

    /// <summary>The asset that the sensor belongs to: the subject of anomaly alerts.</summary>
    public required string Asset { get; init; }

    /// <summary>Name of the value in the source's settings; "" when the payload is one number.</summary>
    public required string ValueName { get; init; }

    /// <summary>The topic that first gave this id, or the origin of an OPC UA data set (<see cref="OpcUaOrigin"/>); readings of the same id from another one are collisions.</summary>
    public required string Topic { get; init; }

    /// <summary>The source in force; swapped by the Ingest stage when the settings change, and read by all.</summary>
    public required SourceSettings Source
    {
        get => Volatile.Read(ref source);
        set => Volatile.Write(ref source, value);
    }

    /// <summary>Event-time state, owned by the Ingest stage.</summary>
    internal EventTimeOrder Order { get; } = new();

    /// <summary>When its newest reading arrived, owned by the Ingest stage.</summary>
    internal DateTimeOffset LastReceived { get; set; }

    /// <summary>Unit of the values; "" when none was given.</summary>
    public string Unit => Source.Units.GetValueOrDefault(ValueName, "");

    /// <summary>Hard limits of the values, when there are any.</summary>
    public ValueRange? Range => Source.Ranges.TryGetValue(ValueName, out var range) ? range : null;

    /// <summary>How far inside its range a value must be to count as inside again.</summary>
    public double Hysteresis => Source.Hysteresis.GetValueOrDefault(ValueName);
}
