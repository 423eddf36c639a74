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
/// <param name="Device">What the recording was made of, when several are of one device; training never splits a device.</param>
internal sealed record SeriesLabels(
    [property: JsonRequired] ImmutableArray<string> Columns,
    [property: JsonRequired] ImmutableArray<ImmutableArray<int>> Events,
    [property: JsonRequired] string Set,
    [property: JsonRequired, JsonPropertyName("step_s")] double StepSeconds,
    [property: JsonRequired] int Warmup,
    string? Device = null)
{
    /// <summary>Name of the file that holds the labels of a folder.</summary>
    public const string FileName = "labels.json";

    /// <summary>Labels by file name relative to the folder, or null when the folder has none.</summary>
    /// <exception cref="JsonException">The file is not of the form.</exception>
    public static SortedDictionary<string, SeriesLabels>? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? Read(path) : null;
    }

    /// <summary>Labels by file name, from a file of the form.</summary>
    /// <exception cref="JsonException">The file is not of the form.</exception>
    public static SortedDictionary<string, SeriesLabels> Read(string path)
    {
        var labels = JsonSerializer.Deserialize<Dictionary<string, SeriesLabels>>(File.ReadAllBytes(path), JsonSerializerOptions.Web) ?? throw new JsonException("it holds null");
        return new SortedDictionary<string, SeriesLabels>(labels, StringComparer.Ordinal);
    }
}
