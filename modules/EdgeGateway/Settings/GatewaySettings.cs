using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Settings;

/// <summary>Everything an operator can set, as one immutable snapshot. Made by SettingsReader from the JSON document of docs/formats/settings.md.</summary>
/// <param name="Gateway">Name of this gateway: part of every topic and alert id. 1-64 characters of [A-Za-z0-9._-].</param>
/// <param name="Broker">Null where every source reads a hub input and no alert goes to a broker.</param>
/// <param name="Ack">When a reading is acknowledged to the broker.</param>
/// <param name="ModelPath">Folder of a model to use instead of the built-in one; null for the built-in one.</param>
public sealed record GatewaySettings(
    string Gateway,
    BrokerSettings? Broker,
    ImmutableArray<SourceSettings> Sources,
    AckMode Ack,
    DetectionSettings Detection,
    AlertSettings Alerts,
    BoundsSettings Bounds,
    StorageSettings Storage,
    string? ModelPath,
    OperationsSettings Operations)
{
    /// <summary>Which assets are this process's; its name is <see cref="Gateway"/> with the index behind it.</summary>
    public Partition Partition { get; init; } = Partition.Whole;

    /// <summary>How the hub is reached, where the environment gives us an identity.</summary>
    public HubSettings Hub { get; init; } = new(HubTransport.Tcp, 8883, null, null, null);

    /// <summary>Where alerts are posted to besides; null for nowhere.</summary>
    public WebhookSettings? Webhook { get; init; }

    /// <summary>Which models, adapters and keys are to be brought.</summary>
    public UpdateTargets Targets { get; init; } = UpdateTargets.None;

    /// <summary>From where packages may be fetched.</summary>
    public UpdateSettings Updates { get; init; } = new(null, null, null);
}

/// <summary>When a message is acknowledged: as soon as it was taken, or once the journal on disk holds it.</summary>
public enum AckMode { Received, Durable }

/// <summary>MQTT version that is spoken with the broker.</summary>
public enum MqttProtocol { V5, V311 }

/// <summary>The MQTT broker. Files are read again at every connect.</summary>
/// <param name="Port">Default 1883, or 8883 with a CA or client certificate.</param>
/// <param name="CaFile">PEM; its presence turns TLS on and is the only trust.</param>
/// <param name="CertFile">PEM client certificate; needs <paramref name="KeyFile"/>.</param>
/// <param name="PasswordFile">File whose first line is the password of <paramref name="User"/>.</param>
/// <param name="ClientId">Default edgegateway-{gateway}. The writing connection appends "-out".</param>
/// <param name="Qos">0 or 1; sources without event time are subscribed at 0 regardless. Default 1.</param>
/// <param name="SessionExpiry">How long the broker keeps our session while we are away. Default 1 h.</param>
/// <param name="ReceiveMaximum">Unacknowledged QoS 1 messages the broker may have in flight to us. 1-65535, default 1000.</param>
/// <param name="KeepAlive">Default 30 s.</param>
public sealed record BrokerSettings(
    string Host,
    int Port,
    MqttProtocol Protocol,
    string ClientId,
    string? CaFile,
    string? CertFile,
    string? KeyFile,
    string? User,
    string? PasswordFile,
    int Qos,
    TimeSpan SessionExpiry,
    int ReceiveMaximum,
    TimeSpan KeepAlive)
{
    /// <summary>Whether the connection is encrypted.</summary>
    public bool Tls => CaFile is not null || CertFile is not null;
}

/// <summary>One source: a topic pattern and how its payloads become readings.</summary>
/// <param name="Topic">Topics that it reads; for a hub input the one that <see cref="HubInput.TopicOf"/> gives.</param>
/// <param name="Asset">Asset of the readings, with {names}; null for the topic, the input or the data set writer itself.</param>
/// <param name="Values">Name to JSON pointer; null when the payload is one number; <see cref="AllValues"/> says "every top-level number".</param>
/// <param name="Time">JSON pointer to the event time; null for arrival time.</param>
/// <param name="Zone">Time zone of times without offset; UTC by default.</param>
/// <param name="Units">Unit by value name ("" when the payload is one number).</param>
/// <param name="States">Texts that stand for numbers, by exact text.</param>
/// <param name="Invalid">Numbers that mean "missing".</param>
/// <param name="Ranges">Hard limits by value name, in the unit of the value.</param>
/// <param name="Sample">Resampling step by last-value hold for sensors that report on change; null when each reading is a sample.</param>
/// <param name="SilentAfter">Time without a reading that raises "silent"; null: max(10 steps, 60 s), and never with <paramref name="Sample"/>.</param>
/// <param name="Lateness">How long readings are held back to put them in event-time order.</param>
public sealed record SourceSettings(
    string Name,
    TopicPattern Topic,
    string? Asset,
    ImmutableArray<ValueMapping>? Values,
    bool AllValues,
    JsonPointer? Time,
    TimeZoneInfo Zone,
    ImmutableDictionary<string, string> Units,
    ImmutableDictionary<string, double> States,
    ImmutableArray<double> Invalid,
    QualitySettings? Quality,
    ImmutableDictionary<string, ValueRange> Ranges,
    Criticality Criticality,
    TimeSpan? Sample,
    TimeSpan? SilentAfter,
    TimeSpan Lateness)
{
    /// <summary>Name of the hub input that it reads; null when it reads topics of the broker.</summary>
    public string? Input { get; init; }

    /// <summary>Form of the payloads.</summary>
    public PayloadForm Payload { get; init; }

    /// <summary>How long a value must be outside its range without interruption before the alert is raised, by event time; up to 24 h.</summary>
    public TimeSpan OnDelay { get; init; }

    /// <summary>How long it must be inside again before the alert is cleared, by event time; up to 24 h.</summary>
    public TimeSpan OffDelay { get; init; }

    /// <summary>How far inside its range a value must be to count as inside again, by value name, in the unit of the value; below half the range.</summary>
    public ImmutableDictionary<string, double> Hysteresis { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Name of the adapter that judges its windows; null for the model alone.</summary>
    public string? Adapter { get; init; }

    /// <summary>Whether its readings bring the time at which they were measured.</summary>
    public bool HasEventTime => Time is not null || Payload == PayloadForm.OpcUa;
}

/// <summary>How a payload is read: any JSON by pointers, or the messages of OPC UA PubSub and OPC Publisher (docs/formats/payloads.md).</summary>
public enum PayloadForm { Json, OpcUa }

/// <summary>One named value of a payload; in OPC UA payloads the pointer is the name of a field.</summary>
public sealed record ValueMapping(string Name, JsonPointer Pointer);

/// <summary>Readings whose quality is not one of the good ones are taken as missing.</summary>
/// <param name="Good">Values (as JSON text without quotes) that mean good.</param>
public sealed record QualitySettings(JsonPointer Pointer, ImmutableHashSet<string> Good);

/// <summary>Closed interval of values that are physically or operationally allowed.</summary>
public readonly record struct ValueRange(double Low, double High);

/// <summary>How much a source matters: weighs the severity of its alerts.</summary>
public enum Criticality { Low, Normal, High, Critical }

/// <summary>Which windows the model judges, and when the windows of an asset make an anomaly.</summary>
/// <param name="BudgetPercent">Share of the windows that the model judges, 1-100; null = auto: all while the model keeps up.</param>
/// <param name="Threshold">Score (log-odds) of the model above which a window counts as anomalous, -20..20; null = that of the model or its adapter.</param>
/// <param name="Windows">How many of an asset's newest windows must be above the threshold.</param>
/// <param name="SilenceSamples">Samples after a raised anomaly in which neither another is raised nor this one cleared, 10-10,000; counted in whole hops.</param>
/// <param name="Fusing">How the scores of an asset's sensors become one.</param>
/// <param name="KindMinimum">Share of the anomalous probability above which a kind is named, 0..1; null = that of the model.</param>
public sealed record DetectionSettings(int? BudgetPercent, double? Threshold, WindowRule Windows, int SilenceSamples, Fusing Fusing, double? KindMinimum)
{
    /// <summary>What holds where the document says nothing.</summary>
    public static DetectionSettings Default { get; } = new(null, null, new WindowRule(2, 3), 120, Fusing.Auto, null);
}

/// <summary>So many of the newest windows, the newest one among them.</summary>
/// <param name="Needed">1 to <paramref name="Of"/>.</param>
/// <param name="Of">1 to <see cref="Most"/>.</param>
public readonly record struct WindowRule(int Needed, int Of)
{
    /// <summary>Windows that can be looked at.</summary>
    public const int Most = 10;
}

/// <summary>How the scores of an asset's sensors become one (docs/adr/0004).</summary>
public enum Fusing
{
    /// <summary>Up to three sensors as <see cref="Highest"/>, more as <see cref="TwoHighest"/>.</summary>
    Auto,

    /// <summary>The highest less the logarithm of their number.</summary>
    Highest,

    /// <summary>The mean of the two highest; of one sensor its own.</summary>
    TwoHighest,
}

/// <summary>Who is told of alerts.</summary>
public enum AlertMode
{
    /// <summary>Every sink.</summary>
    Full,

    /// <summary>The local broker alone, for the first days of a site; what is still open afterwards is told then.</summary>
    Observe,
}

/// <summary>How alerts behave.</summary>
/// <param name="ClearAfter">Shortest calm time before an anomaly is cleared, besides the silence of <see cref="DetectionSettings"/>. Default 0.</param>
/// <param name="MaxPerHour">Anomalies and silences that are raised in an hour; limits and severities from 800 on are never held back. 0 = no limit. Default 60.</param>
public sealed record AlertSettings(TimeSpan ClearAfter, int MaxPerHour)
{
    /// <summary>Who is told of alerts.</summary>
    public AlertMode Mode { get; init; }

    /// <summary>The same as settings and status write it.</summary>
    public string ModeName => Mode == AlertMode.Observe ? "observe" : "full";

    /// <summary>Bytes of bodies and properties that the hub is handed in one UTC day, without those of the family limit. Default 4 MiB.</summary>
    public long HubBytesPerDay { get; init; } = 4 << 20;

    /// <summary>How long after its raise an alert that is still active is told again, 15 min to 7 days; zero for never. Default 0.</summary>
    public TimeSpan Realarm { get; init; }

    /// <summary>When assets are out of service. At most 64; by default none.</summary>
    public ImmutableArray<MaintenanceWindow> Maintenance { get; init; } = [];
}

/// <summary>Upper bounds that keep memory finite.</summary>
/// <param name="Sensors">Default 4,000; readings of further sensors are rejected.</param>
/// <param name="MessageBytes">Largest payload. Default 256 KiB.</param>
public sealed record BoundsSettings(int Sensors, int MessageBytes);

/// <summary>How the gateway is operated.</summary>
/// <param name="LogLevel">Lowest level that is logged; null = that of the environment, else information.</param>
/// <param name="Commands">Commands that the local broker may give; by default none.</param>
public sealed record OperationsSettings(LogLevel? LogLevel, ImmutableArray<string> Commands)
{
    /// <summary>The port on which modules of IoT Edge serve metrics.</summary>
    public const int ContainerPort = 9600;

    /// <summary>Port of metrics and health, 0 for none. By default <see cref="ContainerPort"/> in a container, where .NET's images say that it is one, and none elsewhere.</summary>
    public int MetricsPort { get; init; } = DefaultPort;

    /// <summary>Port of the operator page, 0 for none. Default 0.</summary>
    public int PagePort { get; init; }

    /// <summary>Names besides addresses, this machine's own and the IoT Edge gateway's under which browsers may ask for the page. At most 16; by default none.</summary>
    public ImmutableArray<string> PageHosts { get; init; } = [];

    /// <summary>The collector that traces are sent to by OTLP over HTTP, without the path <c>/v1/traces</c>; null for none. Default null.</summary>
    public Uri? Traces { get; init; }

    /// <summary>Where nothing else is said.</summary>
    internal static int DefaultPort => Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") == "true" ? ContainerPort : 0;
}

/// <summary>What may be written to disk.</summary>
/// <param name="WriteBudgetBytes">Bytes a day that snapshots may use. Default 2,000,000,000.</param>
public sealed record StorageSettings(long WriteBudgetBytes)
{
    /// <summary>Bytes of alerts that may wait for one sink. Default 64 MiB.</summary>
    public long OutboxBytes { get; init; } = 64 << 20;

    /// <summary>Alerts that may wait for one sink, open ones among them. Default 20,000.</summary>
    public int OutboxAlerts { get; init; } = 20_000;

    /// <summary>How long an alert may wait for a sink since its newest transition. Default 30 days.</summary>
    public TimeSpan OutboxExpiry { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Bytes that recordings of samples may take, the oldest make room; 0 = nothing is recorded. Default 256,000,000.</summary>
    public long RecorderBytes { get; init; } = 256_000_000;
}
