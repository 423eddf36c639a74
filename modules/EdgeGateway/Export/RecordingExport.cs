using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGateway.Operations;
using EdgeGateway.Replay;
using EdgeGateway.Storage;

namespace EdgeGateway.Export;

/// <summary>What an export wrote.</summary>
/// <param name="Labelled">Files that labels.json names.</param>
/// <param name="Events">Alerts judged true in them.</param>
/// <param name="Normal">Files among them without an event.</param>
/// <param name="Unlabelled">Files that wait for a verdict.</param>
/// <param name="Unreadable">Recordings that are damaged.</param>
internal sealed record ExportCounts(int Labelled, int Events, int Normal, int Unlabelled, int Unreadable);

/// <summary>Recordings and feedback -> a folder of CSV files with labels.json, as training reads it (docs/formats/export.md).</summary>
/// <param name="names">Whether the names of the site, its units, its times and what people wrote are shown.</param>
internal sealed class RecordingExport(string folder, bool names, IReadOnlyDictionary<string, AlertFeedback> verdicts)
{
    private const string Unlabelled = "unlabelled";

    /// <summary>A Monday: whole weeks are taken off, so that the day of the week and the time of day stay.</summary>
    private static readonly DateTime FirstWeek = new(2000, 1, 3, 0, 0, 0, DateTimeKind.Utc);

    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Pseudonyms assets = new("asset");
    private readonly Pseudonyms sources = new("source");
    private readonly Dictionary<string, Pseudonyms> sensors = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Asset, string Head), string> heads = [];
    private readonly Dictionary<string, int> files = new(StringComparer.Ordinal);
    private readonly JsonObject labels = [];
    private ExportCounts counts = new(0, 0, 0, 0, 0);
    private long? shift;

    /// <summary>Writes all recordings of a data folder.</summary>
    public ExportCounts Write(string dataFolder)
    {
        foreach (var recording in RecordingFolder.Read(dataFolder))
        {
            if (recording is null)
            {
                counts = counts with { Unreadable = counts.Unreadable + 1 };
                continue;
            }

            shift ??= names ? 0 : WeeksBefore(recording);
            foreach (var file in ExportFile.Of(recording))
            {
                Write(file);
            }
        }

        if (labels.Count > 0)
        {
            using var writer = NewFile(Path.Combine(folder, SeriesLabels.FileName));
            writer.WriteLine(labels.ToJsonString(Form));
        }

        return counts;
    }

    private static long WeeksBefore(Recording first)
    {
        const long Week = 7 * TimeSpan.TicksPerDay;
        return (long)Math.Floor((first.Sensors.SelectMany(s => s.Samples).Select(s => s.Ticks).DefaultIfEmpty().Min() - FirstWeek.Ticks) / (double)Week) * Week;
    }

    private void Write(ExportFile file)
    {
        var known = StretchLabels.Of(file.Times, file.Sensors.Select(s => s.Id), file.Recording.Alerts, verdicts);
        var asset = assets.Of(file.Recording.Asset);
        var number = files[asset] = files.GetValueOrDefault(asset) + 1;
        var name = $"{asset}/{number:0000}.csv";
        string[] columns = [.. file.Sensors.Select(s => ColumnOf(file.Recording.Asset, s.Id))];
        WriteRows(Path.Combine(known is null ? Path.Combine(folder, Unlabelled) : folder, asset, $"{number:0000}.csv"), file, columns, known?.Rows ?? file.Times.Count);
        if (known is null)
        {
            counts = counts with { Unlabelled = counts.Unlabelled + 1 };
            return;
        }

        counts = counts with { Labelled = counts.Labelled + 1, Events = counts.Events + known.Events.Length, Normal = counts.Normal + (known.Events.IsEmpty ? 1 : 0) };
        labels[name] = Label(file, columns, known);
    }

    private JsonObject Label(ExportFile file, string[] columns, StretchLabels known)
    {
        var recording = file.Recording;
        var label = new JsonObject
        {
            ["columns"] = new JsonArray([.. columns.Select(c => (JsonNode)c)]),
            ["events"] = new JsonArray([.. known.Events.Select(e => (JsonNode)new JsonArray(e.First, e.Last))]),
            ["set"] = names ? recording.Source : sources.Of(recording.Source),
            ["step_s"] = file.StepSeconds,
            ["warmup"] = known.Warmup,
            ["device"] = names ? recording.Asset : assets.Of(recording.Asset),
        };
        if (names)
        {
            label["units"] = new JsonArray([.. file.Sensors.Select(s => (JsonNode)s.Unit)]);
            label["feedback"] = new JsonArray([.. recording.Alerts.Select(a => verdicts.GetValueOrDefault(a.AlertId)).OfType<AlertFeedback>()
                .Select(f => (JsonNode)new JsonObject { ["alertId"] = f.AlertId, ["verdict"] = f.Verdict, ["by"] = f.By, ["note"] = f.Note })]);
        }

        return label;
    }

    /// <summary>Without names the number of the sensor in its asset; with them a head of its own.</summary>
    private string ColumnOf(string asset, string sensor)
    {
        if (names)
        {
            return HeadOf(asset, sensor);
        }

        if (!sensors.TryGetValue(asset, out var ofAsset))
        {
            ofAsset = new Pseudonyms("sensor");
            sensors.Add(asset, ofAsset);
        }

        return ofAsset.Of(sensor);
    }

    private string HeadOf(string asset, string sensor)
    {
        var (cell, number) = (Cell(sensor), 1);
        var head = cell;
        while (!heads.TryAdd((asset, head), sensor) && heads[(asset, head)] != sensor)
        {
            head = $"{cell} ({++number})";
        }

        return head;
    }

    /// <summary>A name as the head of a column: it ends no cell, and no spreadsheet takes it for a formula.</summary>
    private static string Cell(string name)
    {
        var cell = PlainText.Of(name).Replace(',', '_').Replace('"', '_');
        return cell[0] is '=' or '+' or '-' or '@' ? $"'{cell}" : cell;
    }

    private static StreamWriter NewFile(string path) => new(path, append: false, new UTF8Encoding(false)) { NewLine = "\n" };

    private void WriteRows(string path, ExportFile file, string[] columns, int rows)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = NewFile(path);
        writer.WriteLine($"timestamp,{string.Join(',', columns)}");
        foreach (var (ticks, values) in file.Rows().Take(rows))
        {
            writer.Write(new DateTime(Math.Clamp(ticks - shift!.Value, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture));
            foreach (var value in values)
            {
                writer.Write(',');

                // 15 digits: samples are kept as differences, which costs the last binary place
                writer.Write(double.IsNaN(value) ? "" : value.ToString("G15", CultureInfo.InvariantCulture));
            }

            writer.WriteLine();
        }
    }
}
