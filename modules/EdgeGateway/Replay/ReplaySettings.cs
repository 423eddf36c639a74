using System.Collections.Immutable;
using EdgeGateway.Settings;

namespace EdgeGateway.Replay;

/// <summary>The settings that a recorded file is judged with: one source, its columns as values, its first column as event time.</summary>
internal static class ReplaySettings
{
    /// <summary>Name of the gateway in the alert ids of a replay.</summary>
    public const string Gateway = "replay";

    private static readonly BrokerSettings NoBroker =
        new("none", 0, MqttProtocol.V5, "", null, null, null, null, null, 1, TimeSpan.Zero, 1, TimeSpan.Zero);

    public static GatewaySettings For(string file, IReadOnlyList<string> columns)
    {
        var source = new SourceSettings(
            "recording", Topic(file), Asset: null, [.. columns.Select(c => new ValueMapping(c, Pointer(c)))], AllValues: false, Pointer(SeriesReplay.TimeName), TimeZoneInfo.Utc,
            ImmutableDictionary<string, string>.Empty, ImmutableDictionary<string, double>.Empty, [], Quality: null, ImmutableDictionary<string, ValueRange>.Empty,
            Criticality.Normal, Sample: null, SilentAfter: null, Lateness: TimeSpan.Zero);
        return new GatewaySettings(
            Gateway, NoBroker, [source], AckMode.Received, DetectionSettings.Default, new AlertSettings(TimeSpan.Zero, MaxPerHour: 0),
            new BoundsSettings(int.MaxValue / 2, int.MaxValue), new StorageSettings(1) { RecorderBytes = 0 }, ModelPath: null, new OperationsSettings(null, []));
    }

    private static TopicPattern Topic(string file) =>
        TopicPattern.TryParse(TopicOf(file), out var pattern, out var error) ? pattern : throw new ArgumentException($"{file} cannot stand as a topic: {error}");

    /// <summary>The file name without the characters that mean something in a topic.</summary>
    public static string TopicOf(string file) => string.Concat(file.Select(c => c is '+' or '#' or '{' or '}' || char.IsControl(c) ? '_' : c));

    private static JsonPointer Pointer(string name) =>
        JsonPointer.TryParse($"/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", out var pointer, out var error)
            ? pointer
            : throw new ArgumentException($"The column {name} cannot be used: {error}");
}
