using System.Collections.Immutable;
using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>A recorded CSV file whose events are known.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">As it stands in the labels: relative to the folder, with '/'.</param>
internal sealed record LabelledRecording(string Path, string Name, SeriesLabels Labels)
{
    private static readonly char[] Separators = ['/', '\\', '-', '_', '.', ' '];

    /// <summary>
    /// What was recorded: "device" of the labels, else the words of the file's name that do not stand in the name of its set too (faults-bias/mote-19-bias.csv is of
    /// the same device as faults-drift/mote-19-drift.csv). A device is never split between training and test.
    /// </summary>
    public string Device => Labels.Device ?? string.Join(' ', Words(Name[..^System.IO.Path.GetExtension(Name).Length]).Except(Words(Labels.Set), StringComparer.OrdinalIgnoreCase));

    /// <summary>Events that begin after the warm-up, as first and last row.</summary>
    public IEnumerable<ImmutableArray<int>> ScoredEvents => Labels.Events.Where(e => e[0] >= Labels.Warmup);

    /// <summary>The labelled recordings of a folder in the order of their names.</summary>
    /// <param name="labels">File in the form of labels.json; null = the one in the folder.</param>
    /// <exception cref="InvalidDataException">Folder or labels are missing, the labels cannot be used, or a file that they name is missing.</exception>
    public static IReadOnlyList<LabelledRecording> Load(string folder, string? labels = null)
    {
        var path = labels ?? System.IO.Path.Combine(folder, SeriesLabels.FileName);
        if (!Directory.Exists(folder) || !File.Exists(path))
        {
            throw new InvalidDataException(Directory.Exists(folder)
                ? $"{path} does not exist; write there which rows of the recordings are events, or name another file with --labels."
                : $"{folder} is no folder; name the one that holds your recordings and their {SeriesLabels.FileName}.");
        }

        try
        {
            var recordings = SeriesLabels.Read(path).Select(l => new LabelledRecording(System.IO.Path.Combine(folder, l.Key), l.Key, l.Value)).ToArray();
            return recordings.Length == 0 ? throw new InvalidDataException($"{path} labels no file.")
                : recordings.FirstOrDefault(r => !File.Exists(r.Path)) is { } missing ? throw new InvalidDataException($"{path} labels {missing.Name}, but {missing.Path} does not exist.")
                : recordings;
        }
        catch (FormatException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static string[] Words(string text) => text.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
}
