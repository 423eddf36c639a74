using EdgeGateway.Commands;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Updates.Proving;
using EdgeGateway.Windows;

namespace EdgeGateway.ModelKit.Packaging;

/// <summary>
/// Windows of recordings on which a model or adapter is sure: a device that computes the same model gives the same labels. The series of each is cut to what its prompt needs
/// at least, and judged again by itself, so that what is kept is what a device will see.
/// </summary>
internal static class GoldenWindows
{
    private const int MostOfLabel = 4;

    /// <summary>Finds up to four windows of each label, in the order of the files; the same files and model give the same ones.</summary>
    /// <param name="advanced">Told how many more bytes of the files have been read.</param>
    /// <exception cref="InvalidDataException">The model is sure of no window.</exception>
    public static IReadOnlyList<GoldenWindow> Find(IReadOnlyList<ReplayFile> files, ChosenModel model, Action<long> advanced)
    {
        List<GoldenWindow> found = [];
        using var judge = model.NewJudge();
        var judged = new JudgedModel(judge, model.Sensor);
        foreach (var file in files)
        {
            using var recording = RecordedSeries.Open(file.Path, file.Labels?.Columns);
            var rows = recording.Rows(advanced).ToList();
            for (var column = 0; column < recording.Columns.Count; column++)
            {
                var series = rows.Select(row => new RecordedRow(row.Time, [row.Values[column]])).Where(row => double.IsFinite(row.Values[0])).ToList();
                Find($"{Path.GetFileNameWithoutExtension(file.Name)}-{recording.Columns[column]}", series, judged, found);
            }
        }

        return found.Count > 0 ? found : throw new InvalidDataException($"Of no window in these recordings the model is sure enough (a margin of {GoldenWindow.LeastMargin}); give longer recordings, or such with faults.");
    }

    private static void Find(string name, List<RecordedRow> series, JudgedModel model, List<GoldenWindow> found)
    {
        var length = Length(model.Sensor);
        foreach (var (end, label, _) in SeriesVerdict.Of(model, series, CancellationToken.None).Where(j => j.Margin >= GoldenWindow.LeastMargin && j.End >= length))
        {
            if (found.Count(f => f.Label == label) >= MostOfLabel || found.Exists(f => f.Name.StartsWith($"{name}-{label}-", StringComparison.Ordinal)))
            {
                continue;
            }

            var cut = series[(end - length)..end];
            long[] times = [.. cut.Select(r => r.Time.ToUnixTimeMilliseconds())];
            if (SeriesVerdict.Of(model, cut, CancellationToken.None) is [.., var last] && last.End == length && last.Margin >= GoldenWindow.LeastMargin && last.Label == label
                && times.Zip(times.Skip(1)).All(t => t.First < t.Second))
            {
                found.Add(new GoldenWindow($"{name}-{label}-{end}", times, [.. cut.Select(r => r.Values[0])], label, Math.Round(last.Margin, 4)));
            }
        }
    }

    /// <summary>Samples before a first verdict, and as many as there are hops in a window more, to a whole number of hops.</summary>
    private static int Length(SensorModel sensor) => (sensor.MinimumSamples + WindowSummary.Length) / 10 * 10;
}
