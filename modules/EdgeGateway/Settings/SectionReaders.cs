using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Settings;

/// <summary>The sections of one or two keys. Each is valid alone and whole when absent.</summary>
internal static class SectionReaders
{
    private const int MostHosts = 16;
    private static readonly TimeSpan LongestCalm = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestExpiry = TimeSpan.FromDays(365);
    private static readonly TimeSpan ShortestRealarm = TimeSpan.FromMinutes(15);

    public static DetectionSettings Detection(SettingsField? field)
    {
        var (section, otherwise) = (Open(field, "detection"), DetectionSettings.Default);
        return new DetectionSettings(
            Budget(section?["budget"]),
            section?["threshold"]?.Number(-20, 20),
            Windows(section?["windows"]) ?? otherwise.Windows,
            (int)(section?["silence"]?.Integer(10, 10_000) ?? otherwise.SilenceSamples),
            section?["fusing"]?.Choice(("auto", Fusing.Auto), ("highest", Fusing.Highest), ("twoHighest", Fusing.TwoHighest)) ?? otherwise.Fusing,
            section?["kindMinimum"]?.Number(0, 1));
    }

    public static AlertSettings Alerts(SettingsField? field)
    {
        var section = Open(field, "alerts");
        return new AlertSettings(
            section?["clearAfter"]?.Duration(TimeSpan.Zero, LongestCalm) ?? TimeSpan.Zero,
            (int)(section?["maxPerHour"]?.Integer(0, 100_000) ?? 60))
        {
            Mode = section?["mode"]?.Choice(("full", AlertMode.Full), ("observe", AlertMode.Observe)) ?? AlertMode.Full,
            HubBytesPerDay = section?["hubBytesPerDay"]?.Integer(65_536, 1_000_000_000_000) ?? 4 << 20,
            Realarm = Realarm(section?["realarm"]),
        };
    }

    private static TimeSpan Realarm(SettingsField? field)
    {
        var period = field?.Duration(TimeSpan.Zero, LongestCalm) ?? TimeSpan.Zero;
        if (period > TimeSpan.Zero && period < ShortestRealarm)
        {
            field?.Error($"is {period}; write a duration from {ShortestRealarm} on, or 00:00:00 for never");
        }

        return period;
    }

    public static BoundsSettings Bounds(SettingsField? field)
    {
        var section = Open(field, "bounds");
        return new BoundsSettings(
            (int)(section?["sensors"]?.Integer(1, 100_000) ?? 4_000),
            (int)(section?["messageBytes"]?.Integer(64, 16 << 20) ?? 256 << 10));
    }

    public static Partition Partition(SettingsField? field)
    {
        const string hint = "how many processes share the site, such as \"of\": 3";
        var section = Open(field, "partition");
        var of = (int)(section?.Required("of", hint)?.Integer(1, Settings.Partition.Most) ?? 1);
        if (section?.Required("index", "which of them this is, from 0, or \"hostname\"") is not { } index)
        {
            return Settings.Partition.Whole;
        }

        if (index.Is(JsonValueKind.String) && index.Value.ValueEquals("hostname"))
        {
            var ordinal = Settings.Partition.OrdinalOf(Environment.MachineName, of);
            if (ordinal is null)
            {
                index.Report.Warning(index.Place, $"is the number at the end of the host's name, and this host is called {Environment.MachineName}: run it as a pod of a StatefulSet with at most {of} replicas, or write a number from 0 to {of - 1}");
            }

            return new Partition(of, ordinal);
        }

        var number = (int)(index.Integer(0, Settings.Partition.Most - 1) ?? 0);
        if (number >= of)
        {
            index.Error($"is {number}, but of is {of}; write a number from 0 to {of - 1}");
        }

        return new Partition(of, number);
    }

    public static StorageSettings Storage(SettingsField? field)
    {
        var (section, otherwise) = (Open(field, "storage"), new StorageSettings(2_000_000_000));
        return new StorageSettings(section?["writeBudgetBytes"]?.Integer(1_000_000, 1_000_000_000_000) ?? otherwise.WriteBudgetBytes)
        {
            OutboxBytes = section?["outboxBytes"]?.Integer(4 << 20, 1L << 34) ?? otherwise.OutboxBytes,
            OutboxAlerts = (int)(section?["outboxAlerts"]?.Integer(1_000, 1_000_000) ?? otherwise.OutboxAlerts),
            OutboxExpiry = section?["outboxExpiry"]?.Duration(TimeSpan.FromHours(1), LongestExpiry) ?? otherwise.OutboxExpiry,
            RecorderBytes = section?["recorderBytes"]?.Integer(0, 1_000_000_000_000) ?? otherwise.RecorderBytes,
        };
    }

    public static OperationsSettings Operations(SettingsField? field)
    {
        var section = Open(field, "operations");
        return new OperationsSettings(Level(section?["logLevel"]), [.. Commands(section?["commands"]).Distinct()])
        {
            MetricsPort = (int)(section?["metrics"]?.Integer(0, ushort.MaxValue) ?? OperationsSettings.DefaultPort),
            PagePort = (int)(section?["page"]?.Integer(0, ushort.MaxValue) ?? 0),
            PageHosts = [.. HostNames(section?["pageHosts"])],
            Traces = section?["traces"] is { } traces ? HttpUrl.Read(traces, "http://collector:4318", "put what it asks for into OTEL_EXPORTER_OTLP_HEADERS") : null,
        };
    }

    private static IEnumerable<string> HostNames(SettingsField? field)
    {
        var entries = field is { } list ? SettingsSection.OpenList(list).ToList() : [];
        if (entries.Count > MostHosts)
        {
            field!.Value.Error($"has {entries.Count} entries; write at most {MostHosts} names");
        }

        foreach (var entry in entries.Take(MostHosts))
        {
            if (entry.Text(most: 255, "the name of a host, such as \"gateway.plant.local\"") is not { } name)
            {
                continue;
            }

            if (Uri.CheckHostName(name) == UriHostNameType.Unknown)
            {
                entry.Error($"is {entry.Shown()}, which is no host name; write the name alone, without scheme and port");
            }

            yield return name;
        }
    }

    private static LogLevel? Level(SettingsField? field) => field?.Choice(LogLevels.Names);

    private static IEnumerable<string> Commands(SettingsField? field)
    {
        foreach (var entry in field is { } list ? SettingsSection.OpenList(list) : [])
        {
            if (entry.Text(most: 64, "the name of a command, such as \"status\"") is { } name)
            {
                yield return name;
            }
        }
    }

    public static string? FilePath(SettingsField? field) => field?.Text(most: 4096, "the path of a file");

    public static void CheckCertificatePair(SettingsSection? section)
    {
        NeedsOther(section, "certFile", "keyFile", "the PEM file with its key");
        NeedsOther(section, "keyFile", "certFile", "the PEM file with its certificate");
    }

    public static void NeedsOther(SettingsSection? section, string key, string other, string what)
    {
        if (section?[key] is { } field && !section.Mentions(other))
        {
            field.Error($"needs {other} beside it; name {what} there");
        }
    }

    private static int? Budget(SettingsField? budget)
    {
        if (budget is not { } share || (share.Is(JsonValueKind.String) && share.Value.GetString() == "auto"))
        {
            return null;
        }

        if (share.Is(JsonValueKind.Number))
        {
            return (int?)share.Integer(1, 100);
        }

        share.Error($"is {share.Shown()}; write \"auto\" or a whole number of percent from 1 to 100");
        return null;
    }

    /// <summary>"k of n".</summary>
    private static WindowRule? Windows(SettingsField? field)
    {
        if (field is not { } windows)
        {
            return null;
        }

        if (windows.Is(JsonValueKind.String) && windows.Value.GetString()!.Split(" of ") is [var left, var right] && TryCount(left, out var needed) && TryCount(right, out var of) && needed <= of)
        {
            return new WindowRule(needed, of);
        }

        windows.Error($"is {windows.Shown()}; write how many of how many windows, such as \"2 of 3\", of at most {WindowRule.Most}");
        return null;
    }

    /// <summary>A number from 1 to the most windows, without signs, spaces and leading zeros.</summary>
    private static bool TryCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= WindowRule.Most && text[0] != '0';

    private static SettingsSection? Open(SettingsField? field, string level) => field is { } present ? SettingsSection.Open(present, level) : null;
}
