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
internal sealed record SeriesLabels(
    [property: JsonRequired] ImmutableArray<string> Columns,
    [property: JsonRequired] ImmutableArray<ImmutableArray<int>> Events,
    [property: JsonRequired] string Set,
    [property: JsonRequired, JsonPropertyName("step_s")] double StepSeconds,
    [property: JsonRequired] int Warmup)
{
    /// <summary>Name of the file that holds the labels of a folder.</summary>
    public const string FileName = "labels.json";

    /// <summary>Labels by file name relative to the folder, or null when the folder has none.</summary>
    /// <exception cref="JsonException">The file is not of the form.</exception>
    public static SortedDictionary<string, SeriesLabels>? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        var labels = JsonSerializer.Deserialize<Dictionary<string, SeriesLabels>>(File.ReadAllBytes(path), JsonSerializerOptions.Web) ?? throw new JsonException("it holds null");
        return new SortedDictionary<string, SeriesLabels>(labels, StringComparer.Ordinal);
    }
}
