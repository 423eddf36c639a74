using EdgeGateway.PhiTrain.Commands;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Export;
using EdgeGateway.Replay;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>The labelled recordings of a site as windows, and normal windows of generated series beside them.</summary>
internal sealed class SiteData
{
    private const int GeneratedSeries = 60;

    /// <summary>Far from the seeds that models are trained with.</summary>
    private const ulong GeneratedSeed = 0xADA9_7E12;

    private SiteData(IReadOnlyList<LabelledRecording> recordings, SiteWindows windows, SiteWindows generated, TrainingRecord record) =>
        (Recordings, Windows, Generated, Record) = (recordings, windows, generated, record);

    public IReadOnlyList<LabelledRecording> Recordings { get; }

    /// <summary>Windows of all recordings; series i is that of recording i.</summary>
    public SiteWindows Windows { get; }

    public SiteWindows Generated { get; }

    /// <summary>What an adapter that is trained on all of it has seen.</summary>
    public TrainingRecord Record { get; }

    /// <summary>Reads all recordings.</summary>
    /// <exception cref="FormatException">A recording cannot be read, or its labels do not fit it.</exception>
    /// <exception cref="InvalidDataException">The model was trained on one of them.</exception>
    public static SiteData Read(BaseModel model, IReadOnlyList<LabelledRecording> recordings, ProgressLog log)
    {
        var (windows, generated) = (new SiteWindows(model.Tokenizer, model.Sensor), new SiteWindows(model.Tokenizer, model.Sensor));
        List<TrainedSeries> seen = [];
        var part = log.Start("recordings read:", recordings.Count);
        foreach (var recording in recordings)
        {
            seen.Add(new TrainedSeries(recording.Name, recording.Labels.Set, recording.Device, SeriesHash.Of(RecordedWindows.RowsOf(recording))));
            model.Trained?.RefuseTrained(recording.Path, seen[^1].Hash);
            windows.Add(recording);
            part.Report(seen.Count);
        }

        Array.ForEach(WindowFactory.Generate(GeneratedSeed, 0, GeneratedSeries, _ => { }), generated.Add);
        return new SiteData(recordings, windows, generated, new TrainingRecord(1, windows.Digest(), GeneratedSeed, GeneratedSeries, [.. seen]));
    }

    /// <summary>Numbers of the windows of these recordings, by class.</summary>
    public int[] Numbers(IEnumerable<int> recordings, Func<WindowClass, bool> wanted) =>
        [.. recordings.SelectMany(r => Enumerable.Range(Windows.Series[r].First, Windows.Series[r].Count)).Where(i => wanted(Windows.Classes[i]))];

    /// <summary>One recording for the alert rule.</summary>
    /// <param name="scores">By number of the window.</param>
    public AlertSeries Judged(int recording, IReadOnlyList<float> scores)
    {
        var (first, count, rows) = Windows.Series[recording];
        return AlertSeries.Of(Recordings[recording].Labels, rows, Enumerable.Range(first, count).Select(i => (Windows.Rows[i], (double)scores[i])));
    }
}
