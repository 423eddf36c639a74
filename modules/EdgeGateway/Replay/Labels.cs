using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeGateway.Replay;

/// <summary>What is known of one recorded series: the form of labels.json.</summary>
/// <param name="Columns">Columns that are sensors.</param>
/// <param name="Events">First and last row of each labelled event, inclusive.</param>
/// <param name="Set">Name of the set that it is counted in.</param>
/// <param name="StepSeconds">Usual time between rows.</param>
/// <param name="Warmup">First row that is scored.</param>
/// <param name="Kinds">Kind of fault of each event, where that is known; else absent.</param>
/// <param name="Device">What was recorded, where several recordings are of one device; training never splits a device.</param>
internal sealed record SeriesLabels(
    [property: JsonRequired] ImmutableArray<string> Columns,
    [property: JsonRequired] ImmutableArray<ImmutableArray<int>> Events,
    [property: JsonRequired] string Set,
    [property: JsonRequired, JsonPropertyName("step_s")] double StepSeconds,
    [property: JsonRequired] int Warmup,
    ImmutableArray<string> Kinds = default,
    string? Device = null)
{
    /// <summary>Name of the file that holds the labels of a folder.</summary>
    public const string FileName = "labels.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true };

    /// <summary>Labels by file name relative to the folder, or null when the folder has none.</summary>
    /// <exception cref="FormatException">The file is not of the form; the message names file and series.</exception>
    public static SortedDictionary<string, SeriesLabels>? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? Read(path) : null;
    }

    /// <summary>Labels by file name, from a file of the form.</summary>
    /// <exception cref="FormatException">The file is not of the form; the message names file and series.</exception>
    public static SortedDictionary<string, SeriesLabels> Read(string path)
    {
        try
        {
            var labels = JsonSerializer.Deserialize<Dictionary<string, SeriesLabels>>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it holds null");
            return labels.Select(l => (l.Key, Problem: l.Value is null ? "is null" : l.Value.Problem())).FirstOrDefault(l => l.Problem is not null) is ({ } series, { } problem)
                ? throw new FormatException($"{path}: {series} {problem}.")
                : new SortedDictionary<string, SeriesLabels>(labels, StringComparer.Ordinal);
        }
        catch (JsonException e)
        {
            throw new FormatException($"{path} is not of the form of labels: {e.Message}", e);
        }
    }

    /// <summary>Refuses events beyond the file, once its length is known.</summary>
    /// <exception cref="FormatException">An event ends behind the last row; the message names file and event.</exception>
    public void CheckAgainst(string path, int rows)
    {
        if (Events.FirstOrDefault(e => e[1] >= rows) is { IsDefault: false } outside)
        {
            throw new FormatException($"{path} has {rows} rows, but {FileName} labels an event in rows {outside[0]} to {outside[1]} of it; rows count from 0, the header is none.");
        }
    }

    private string? Problem() =>
        Columns.IsDefaultOrEmpty ? "names no columns"
        : !(StepSeconds > 0) ? $"has the step {StepSeconds}; it must be more than 0 seconds"
        : Warmup < 0 ? $"has the warm-up {Warmup}; it must be a row from 0 on"
        : Events.IsDefault || Events.Any(e => e.IsDefault || e.Length != 2) ? "has an event that is not a first and a last row"
        : Events.FirstOrDefault(e => e[0] < 0 || e[1] < e[0]) is { IsDefault: false } wrong ? $"has an event in rows {wrong[0]} to {wrong[1]}; the first must be at least 0 and not behind the last"
        : !Kinds.IsDefault && Kinds.Length != Events.Length ? $"names {Kinds.Length} kinds for {Events.Length} events"
        : null;
}
