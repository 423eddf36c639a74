using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeGateway.Replay;

/// <summary>A recording that a model was trained on.</summary>
/// <param name="Hash">Of its samples, see <see cref="SeriesHash"/>.</param>
internal sealed record TrainedSeries(string Name, string Set, string Device, string Hash);

/// <summary>
/// What a model or an adapter was trained on, in <c>training.json</c> of its folder: figures of a series that took part in training prove nothing, so none is evaluated.
/// </summary>
/// <param name="Data">SHA-256 of the training windows.</param>
/// <param name="Seed">Of the generator.</param>
/// <param name="Generated">Generated series, numbered from 0.</param>
/// <param name="Recorded">Recordings that took part, as labelled examples or as backgrounds.</param>
internal sealed record TrainingRecord(
    [property: JsonRequired] int Schema,
    [property: JsonRequired] string Data,
    [property: JsonRequired] ulong Seed,
    [property: JsonRequired] int Generated,
    [property: JsonRequired] ImmutableArray<TrainedSeries> Recorded)
{
    /// <summary>Name of the file in the folder.</summary>
    public const string FileName = "training.json";

    /// <summary>The record of a folder; null when it has none.</summary>
    /// <exception cref="InvalidDataException">The file is not of the form.</exception>
    public static TrainingRecord? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return !File.Exists(path) ? null : JsonSerializer.Deserialize<TrainingRecord>(File.ReadAllBytes(path), JsonSerializerOptions.Web) is { Schema: 1, Recorded.IsDefault: false } record ? record
                : throw new InvalidDataException($"{path} is of another schema than 1; train again with this phitrain.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} does not say what was trained on: {e.Message}", e);
        }
    }

    /// <summary>Looks whether a series may be evaluated.</summary>
    /// <exception cref="InvalidDataException">It was trained on.</exception>
    public void RefuseTrained(string name, string hash)
    {
        if (Recorded.FirstOrDefault(r => r.Hash == hash) is { } trained)
        {
            throw new InvalidDataException($"{name} cannot be evaluated: the model or its adapter was trained on it (as {trained.Name} of {trained.Set}); leave it out, or train without it.");
        }
    }
}
