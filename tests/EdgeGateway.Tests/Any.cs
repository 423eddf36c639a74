using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Operations;
using EdgeGateway.Prompts;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;
using EdgeGateway.Windows.Fields;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests;

/// <summary>One valid example of each record; tests change what matters to them with <c>with</c>.</summary>
internal static class Any
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static SourceSettings Source(string topic = "plant/{pump}", string? asset = null, string? time = "/ts", params string[] values) => new(
        "pumps", Topic(topic), asset, values.Length == 0 ? null : [.. values.Select(v => new ValueMapping(v, Pointer($"/{v}")))], AllValues: false,
        values.Length == 0 || time is null ? null : Pointer(time), TimeZoneInfo.Utc, ImmutableDictionary<string, string>.Empty, ImmutableDictionary<string, double>.Empty, [], null,
        ImmutableDictionary<string, ValueRange>.Empty, Criticality.Normal, null, null, TimeSpan.Zero);

    public static GatewaySettings Settings(params SourceSettings[] sources) => new(
        "north-3", new BrokerSettings("localhost", 1883, MqttProtocol.V5, "edgegateway-north-3", null, null, null, null, null, 1, TimeSpan.FromHours(1), 1000, TimeSpan.FromSeconds(30)),
        [.. sources], AckMode.Received, DetectionSettings.Default, new AlertSettings(TimeSpan.Zero, MaxPerHour: 60), new BoundsSettings(4000, 256 * 1024), new StorageSettings(2_000_000_000), null, new OperationsSettings(null, []));

    /// <summary>Stages that run on a store, with nothing in their hands.</summary>
    public static RunningGateway Running(GatewayStore store, TimeProvider clock) => new(
        Settings(Source()), new Accounting(), store, new LastVerdicts(), new StageChannels(), SensorModel(), new StagePulses(), new FullDisk(clock, NullLogger<FullDisk>.Instance), Noon);

    public static TopicPattern Topic(string text) => TopicPattern.TryParse(text, out var pattern, out var error) ? pattern : throw new ArgumentException(error);

    public static JsonPointer Pointer(string text) => JsonPointer.TryParse(text, out var pointer, out var error) ? pointer : throw new ArgumentException(error);

    public static Sensor Sensor(string id = "plant/p1", string? asset = null, SourceSettings? source = null) =>
        new() { Id = id, Asset = asset ?? id, ValueName = "", Topic = id, Source = source ?? Source() };

    public static SensorModel SensorModel() => new(
        1, "test-model", 1, "", "=", "-",
        [.. SensorFields.Names.Select((name, i) => new FieldSpec(name, ((char)(i < 26 ? 'a' + i : 'A' + i - 26)).ToString(), [1, 2, 3, 4, 5, 6, 7, 8, 9]))],
        [new LabelSpec("normal", "normal"), new LabelSpec("drift", "drift"), new LabelSpec("stuck", "stuck")], 0.5, new ScoreCalibration(1, 0), 0.5, 300);

    /// <summary>A window of the sensor that ends so many hops of ten seconds after noon.</summary>
    public static WindowSummary Window(Sensor sensor, int hop, long? samples = null) => new(
        sensor, Noon.AddSeconds((10 * hop) - 59), Noon.AddSeconds(10 * hop), samples ?? 300 + (10 * hop), [.. Enumerable.Repeat(0.0, SensorFields.Count)], 0,
        new WindowEvidence(), "▁▂▃", CompletesAsset: true, FreshSamples: 1000);

    public static Verdict Verdict(Sensor sensor, int hop, double score, params float[] kinds) =>
        new(Window(sensor, hop), Judge.Model, score, 0.5, [.. kinds.Length == 0 ? [0.9f, 0.1f] : kinds], null);
}
