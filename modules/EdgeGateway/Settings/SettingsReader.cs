using System.Collections.Immutable;

namespace EdgeGateway.Settings;

/// <summary>The JSON document of docs/formats/settings.md to settings, with everything that is wrong in it. Never throws on what it reads.</summary>
public static class SettingsReader
{
    private const string Schema = "\"schema\": 1";
    private const string Detection = "detection";

    /// <summary>Reads one document.</summary>
    /// <param name="origin">What the problems call it, usually the file name.</param>
    public static SettingsReadResult Read(ReadOnlyMemory<byte> json, string origin) => Read([new SettingsLayer(json, origin)]);

    /// <summary>Reads documents laid over each other: sources and maintenance windows by name, every other key of a later one replaces that of an earlier one whole.</summary>
    /// <param name="layers">At least one, the lowest first.</param>
    public static SettingsReadResult Read(ImmutableArray<SettingsLayer> layers)
    {
        var report = new SettingsReport();
        var document = SettingsDocument.Merge(layers, report);
        return document is null ? report.Result(settings: null) : report.Result(Read(document, report), document.Written());
    }

    /// <summary>Reads the section <c>detection</c> alone; null when there are problems with it, unknown keys among them.</summary>
    internal static DetectionSettings? ReadDetection(ImmutableArray<SettingsLayer> layers, out ImmutableArray<SettingsProblem> problems)
    {
        var report = new SettingsReport();
        var document = SettingsDocument.Merge(layers, report);
        document?.Required("schema", Schema);
        document?.Required(Detection, "\"detection\": { ... }, the settings to try");
        var settings = SectionReaders.Detection(document?[Detection]);
        var read = report.Result(settings: null);
        problems = [.. read.Errors.Concat(read.UnknownKeys).Where(p => p.Path is "" or "schema" || IsDetection(p.Path))];
        return problems.IsEmpty ? settings : null;
    }

    /// <summary>Reads the section <c>hub</c> alone, for a start on a twin that brings all the rest; problems with it are named among those of the whole.</summary>
    internal static HubSettings ReadHub(ImmutableArray<SettingsLayer> layers)
    {
        var report = new SettingsReport();
        return HubReader.Read(layers.IsEmpty ? null : SettingsDocument.Merge(layers, report)?["hub"]);
    }

    /// <summary>The same with the section <c>updates</c>.</summary>
    internal static UpdateSettings ReadUpdates(ImmutableArray<SettingsLayer> layers)
    {
        var report = new SettingsReport();
        return UpdatesReader.Read(layers.IsEmpty ? null : SettingsDocument.Merge(layers, report)?["updates"]);
    }

    /// <summary>The section <c>broker</c> alone, as documents that hold other sections, or half of them, may have it; null when it is missing or cannot be used.</summary>
    internal static BrokerSettings? ReadBroker(ImmutableArray<SettingsLayer> layers, out ImmutableArray<SettingsProblem> problems)
    {
        var report = new SettingsReport();
        var field = SettingsDocument.Merge(layers, report)?.Required("broker", "\"broker\": { \"host\": \"...\" }");
        var broker = field is { } found ? BrokerReader.Read(found, null, Partition.Whole) : null;
        problems = [.. report.Result(settings: null).Errors.Where(e => e.Path.Length == 0 || e.Path == "broker" || e.Path.StartsWith("broker.", StringComparison.Ordinal))];
        return problems.IsEmpty ? broker : null;
    }

    /// <summary>The same with the section <c>partition</c>.</summary>
    internal static Partition ReadPartition(ImmutableArray<SettingsLayer> layers)
    {
        var report = new SettingsReport();
        return SectionReaders.Partition(layers.IsEmpty ? null : SettingsDocument.Merge(layers, report)?["partition"]);
    }

    private static bool IsDetection(string path) => path.StartsWith(Detection, StringComparison.Ordinal) && (path.Length == Detection.Length || path[Detection.Length] is '.' or '[');

    private static GatewaySettings Read(SettingsDocument document, SettingsReport report)
    {
        document.Required("schema", Schema);
        var partition = SectionReaders.Partition(document["partition"]);
        var gateway = Gateway(document, partition);
        var sources = SourcesReader.Read(document, gateway, report);
        var broker = Broker(document, gateway, partition, sources);
        var operations = SectionReaders.Operations(document["operations"]);
        if (broker?.Protocol != MqttProtocol.V5 && !operations.Commands.IsEmpty)
        {
            report.Warning(document["operations"]!.Value.Place.Key("commands"), broker is null
                ? "has no effect without a broker; leave it out or name one in broker"
                : "has no effect with MQTT 3.1.1, which has no request and response; leave it out or set broker.protocol to \"5\"");
        }

        return new GatewaySettings(
            gateway ?? "",
            broker,
            sources,
            document["ack"]?.Choice(("received", AckMode.Received), ("durable", AckMode.Durable)) ?? AckMode.Received,
            SectionReaders.Detection(document[Detection]),
            SectionReaders.Alerts(document["alerts"]) with { Maintenance = MaintenanceReader.Read(document.Maintenance) },
            SectionReaders.Bounds(document["bounds"]),
            SectionReaders.Storage(document["storage"]),
            document.ModelPath?.Text(most: 4096, "the folder of a model"),
            operations)
        {
            Partition = partition,
            Hub = HubReader.Read(document["hub"]),
            Webhook = WebhookReader.Read(document["webhook"]),
            Targets = UpdateTargetsReader.Read(document),
            Updates = UpdatesReader.Read(document["updates"]),
        };
    }

    /// <summary>Null where none is named and none is needed: every source reads a hub input.</summary>
    private static BrokerSettings? Broker(SettingsDocument document, string? gateway, Partition partition, ImmutableArray<SourceSettings> sources)
    {
        if (document["broker"] is { } field)
        {
            return BrokerReader.Read(field, gateway, partition);
        }

        if (sources.IsEmpty || sources.Any(s => s.Input is null))
        {
            document.Required("broker", "\"broker\": { \"host\": \"...\" }");
        }

        return null;
    }

    /// <summary>Each process of a partition has a name of its own: its topics and alerts are nobody else's.</summary>
    private static string? Gateway(SettingsDocument document, Partition partition)
    {
        const string hint = "a name of 1 to 64 letters, digits, dots, _ and -";
        var field = document.Required("gateway", hint);
        var name = field?.Text(most: 64, hint);
        if (name is null || name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            return name is null ? null : name + partition.Suffix;
        }

        field?.Error($"is {field.Value.Shown()}; write {hint}");
        return null;
    }
}
