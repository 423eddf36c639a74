using System.Text.Json;
using EdgeGateway.Commands;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Verdicts;
using EdgeGateway.Windows;

namespace EdgeGateway.ModelKit.Packaging;

/// <summary>A series, and what the model says of the window at its end. Format: docs/formats/package.md.</summary>
/// <param name="Times">Unix milliseconds, as many as <paramref name="Values"/>.</param>
/// <param name="Label">The label with the highest probability.</param>
/// <param name="Margin">By how much that is above the second; at least <see cref="GoldenWindows.LeastMargin"/>.</param>
internal sealed record GoldenWindow(string Name, long[] Times, double[] Values, string Label, double Margin);

/// <summary>
/// Windows of recordings on which a model or adapter is sure: a device that computes the same model gives the same labels. The series of each is cut to what its prompt needs
/// at least, and judged again by itself, so that what is kept is what a device will see.
/// </summary>
internal static class GoldenWindows
{
    /// <summary>Difference of the probabilities of the first and the second label.</summary>
    public const double LeastMargin = 0.2;

    private const int MostOfLabel = 4;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Finds up to four windows of each label, in the order of the files; the same files and model give the same ones.</summary>
    /// <param name="advanced">Told how many more bytes of the files have been read.</param>
    /// <exception cref="InvalidDataException">The model is sure of no window.</exception>
    public static IReadOnlyList<GoldenWindow> Find(IReadOnlyList<ReplayFile> files, ChosenModel model, Action<long> advanced)
    {
        List<GoldenWindow> found = [];
        foreach (var file in files)
        {
            using var recording = RecordedSeries.Open(file.Path, file.Labels?.Columns);
            var rows = recording.Rows(advanced).ToList();
            for (var column = 0; column < recording.Columns.Count; column++)
            {
                var series = rows.Select(row => new RecordedRow(row.Time, [row.Values[column]])).Where(row => double.IsFinite(row.Values[0])).ToList();
                Find($"{Path.GetFileNameWithoutExtension(file.Name)}-{recording.Columns[column]}", series, model, found);
            }
        }

        return found.Count > 0 ? found : throw new InvalidDataException($"Of no window in these recordings the model is sure enough (a margin of {LeastMargin}); give longer recordings, or such with faults.");
    }

    /// <summary>The content of the blob; the same windows give the same bytes.</summary>
    public static byte[] Write(IReadOnlyList<GoldenWindow> windows) => JsonSerializer.SerializeToUtf8Bytes(new { windows }, Json);

    private static void Find(string name, List<RecordedRow> series, ChosenModel model, List<GoldenWindow> found)
    {
        var length = Length(model.Sensor);
        foreach (var (end, label) in Judge(series, model).Where(j => j.Margin >= LeastMargin && j.End >= length).Select(j => (j.End, j.Label)))
        {
            if (found.Count(f => f.Label == label) >= MostOfLabel || found.Exists(f => f.Name.StartsWith($"{name}-{label}-", StringComparison.Ordinal)))
            {
                continue;
            }

            var cut = series[(end - length)..end];
            if (Judge(cut, model) is [.., var last] && last.End == length && last.Margin >= LeastMargin && last.Label == label)
            {
                found.Add(new GoldenWindow($"{name}-{label}-{end}", [.. cut.Select(r => r.Time.ToUnixTimeMilliseconds())], [.. cut.Select(r => r.Values[0])], label, Math.Round(last.Margin, 4)));
            }
        }
    }

    /// <summary>Samples before a first verdict, and as many as there are hops in a window more, to a whole number of hops.</summary>
    private static int Length(SensorModel sensor) => (sensor.MinimumSamples + WindowSummary.Length) / 10 * 10;

    /// <summary>Every verdict of the model on one series: samples up to the window's end, label, margin.</summary>
    private static List<(int End, string Label, double Margin)> Judge(List<RecordedRow> series, ChosenModel model)
    {
        List<(int, string, double)> judged = [];
        using var asked = new LastAnswer(model.NewJudge(), model.Sensor.Labels.Length);
        var judge = new WindowJudge(asked, model.Sensor.WithoutGate, new Accounting());
        var settings = ReplaySettings.For("golden", ["value"]);
        var replay = new SeriesReplay("golden", ["value"], settings, new Accounting(), ReplayRun.NewChain(settings, model.Sensor, judge, new Accounting()));
        judge.Judged = (_, verdict) =>
        {
            if (verdict.JudgedBy == EdgeGateway.Verdicts.Judge.Model && verdict.NotJudged is null)
            {
                var (label, margin) = asked.Best();
                judged.Add((replay.Rows + 1, model.Sensor.Labels[label].Kind, margin));
            }
        };
        foreach (var row in series)
        {
            replay.Add(row, (_, _) => { });
        }

        return judged;
    }

    /// <summary>Remembers the probabilities that a model gave last.</summary>
    private sealed class LastAnswer(IVerdictModel ownedModel, int labels) : IVerdictModel
    {
        private readonly float[] last = new float[labels];

        public void Judge(ReadOnlySpan<char> prompt, Span<float> probabilities)
        {
            ownedModel.Judge(prompt, probabilities);
            probabilities.CopyTo(last);
        }

        public (int Label, double Margin) Best()
        {
            var order = Enumerable.Range(0, last.Length).OrderByDescending(i => last[i]).ToArray();
            return (order[0], last[order[0]] - last[order[1]]);
        }

        public void Dispose() => ownedModel.Dispose();
    }
}
