using EdgeGateway.Ingest;
using EdgeGateway.Replay;
using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>One window of a recording.</summary>
/// <param name="Row">0-based row that it ends with; windows of several sensors may end with the same.</param>
/// <param name="Event">Number of the event in the labels that a candidate belongs to; -1 else.</param>
internal readonly record struct RecordedWindow(int Row, WindowSummary Window, WindowClass Class, int Event);

/// <summary>
/// Labelled recordings -> windows, streamed, computed by the gateway's own Windows stage: a row that is a duplicate or late is no sample, as there. Classes by the
/// detection recipe, section 6, "With labels".
/// </summary>
internal sealed class RecordedWindows(LabelledRecording recording)
{
    /// <summary>Windows before this row are in no class, or before the recording's warm-up when that is later.</summary>
    private const int FirstLabelled = 400;

    private const int Aftermath = 120;

    /// <summary>Rows that were read so far.</summary>
    public int Rows { get; private set; }

    /// <summary>All windows in the order of their rows; to be asked for once.</summary>
    /// <exception cref="FormatException">A line cannot be read, or an event lies outside the file; the message says where.</exception>
    public IEnumerable<RecordedWindow> Read()
    {
        using var series = RecordedSeries.Open(recording.Path, recording.Labels.Columns);
        var sensors = Sensors(recording.Name, series.Columns);
        var (windower, order, closed) = (new Windower(), new EventTimeOrder(), new List<StageEvent>());
        foreach (var (time, values) in series.Rows(_ => { }))
        {
            var row = Rows++;
            var verdict = order.Add(time);
            for (var i = 0; i < sensors.Length && verdict is OrderVerdict.Next or OrderVerdict.Step; i++)
            {
                windower.Add(new SensorReading(sensors[i], time, values[i], time, verdict == OrderVerdict.Step, i == sensors.Length - 1), closed);
            }

            foreach (var window in closed.OfType<WindowSummary>())
            {
                var (label, happened) = Classify(recording.Labels, row);
                yield return new RecordedWindow(row, window, label, happened);
            }

            closed.Clear();
        }

        recording.Labels.CheckAgainst(recording.Path, Rows);
    }

    /// <summary>The windows from row <paramref name="first"/> on in the form of generated ones: those of all sensors of the recording stand in one series.</summary>
    public static RawSeries ToSeries(LabelledRecording recording, int first = RawSeries.First)
    {
        var windows = new RecordedWindows(recording);
        List<float> fields = [];
        List<WindowClass> classes = [];
        List<int> events = [], ends = [];
        foreach (var (row, window, label, happened) in windows.Read().Where(w => w.Row >= first))
        {
            fields.AddRange(window.Fields.Select(v => (float)v));
            classes.Add(label);
            events.Add(happened);
            ends.Add(row);
        }

        var kinds = classes.Select(c => c == WindowClass.Candidate ? TrainingWindows.UnknownKind : (byte)0);
        return new RawSeries([.. fields], [.. classes], [.. kinds], [.. events], [.. ends], windows.Rows, []);
    }

    /// <summary>Positive from first to last row of an event, to the 59th after it when it is shorter than a window; in no class soon after it and early in the file.</summary>
    internal static (WindowClass Class, int Event) Classify(SeriesLabels labels, int row)
    {
        var label = row < Math.Max(FirstLabelled, labels.Warmup) ? WindowClass.Ignored : WindowClass.Normal;
        for (var i = 0; i < labels.Events.Length; i++)
        {
            var (first, last) = (labels.Events[i][0], labels.Events[i][1]);
            var shows = last - first + 1 < WindowSummary.Length ? last + WindowSummary.Length - 1 : last;
            if (row >= first && row <= shows && label != WindowClass.Ignored)
            {
                return (WindowClass.Candidate, i);
            }
        }

        return labels.Events.Any(e => row >= e[0] && row <= e[1] + Aftermath) ? (WindowClass.Ignored, -1) : (label, -1);
    }

    private static Sensor[] Sensors(string file, IReadOnlyList<string> columns)
    {
        var source = ReplaySettings.For(file, columns).Sources[0];
        var topic = ReplaySettings.TopicOf(file);
        return [.. columns.Select(c => new Sensor { Id = $"{topic}/{c}", Asset = topic, ValueName = c, Topic = topic, Source = source })];
    }
}
