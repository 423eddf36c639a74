using System.Globalization;
using System.Text;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Tests.Phi;
using EdgeGateway.Tests.Replay;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.PhiTrain;

/// <summary>Labelled recordings as training windows.</summary>
public sealed class RecordedWindowsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Windows_are_those_that_the_gateway_judges_in_a_replay()
    {
        var recording = LabelledRecording.Load(Path.Combine(SharedFolder.RepositoryRoot, "tests", "recordings"))[3];
        var sensor = SensorModel.Load(Path.Combine(SharedFolder.RepositoryRoot, "modules", "EdgeGateway", "models", "phi-sensor"));
        var judge = new PromptListener();
        new ReplayRun(() => judge, sensor, DetectionSettings.Default).Run([new ReplayFile(recording.Path, recording.Name, recording.Labels)], _ => { });
        var writer = new PromptWriter(sensor);
        Assert.Equal(judge.Prompts, new RecordedWindows(recording).Read().Where(w => w.Window.Samples >= sensor.MinimumSamples).Select(w => writer.Write(w.Window).Text));
    }

    [Fact]
    public void Sensors_of_one_file_share_its_events_and_rows_that_come_twice_are_no_samples()
    {
        var recording = Write(rows: 1000, twice: 600, "[[700, 720]]", "a", "b");
        var windows = new RecordedWindows(recording).Read().ToArray();
        Assert.Equal(["a", "b"], windows.Where(w => w.Row == windows[^1].Row).Select(w => w.Window.Sensor.ValueName));
        Assert.Equal(9, windows[0].Row);
        Assert.Contains(windows, w => w.Row == 599);
        Assert.Contains(windows, w => w.Row == 610);
        Assert.Equal([0], windows.Where(w => w.Class == WindowClass.Candidate).Select(w => w.Event).Distinct());
    }

    [Theory]
    [InlineData(399, nameof(WindowClass.Ignored))]
    [InlineData(499, nameof(WindowClass.Ignored))]
    [InlineData(519, nameof(WindowClass.Candidate))]
    [InlineData(580, nameof(WindowClass.Ignored))]
    [InlineData(581, nameof(WindowClass.Normal))]
    [InlineData(700, nameof(WindowClass.Candidate))]
    [InlineData(779, nameof(WindowClass.Candidate))]
    [InlineData(780, nameof(WindowClass.Ignored))]
    [InlineData(840, nameof(WindowClass.Ignored))]
    [InlineData(841, nameof(WindowClass.Normal))]
    [InlineData(1100, nameof(WindowClass.Candidate))]
    [InlineData(1101, nameof(WindowClass.Ignored))]
    public void A_window_is_positive_while_it_shows_the_event_and_in_no_class_soon_after(int row, string expected)
    {
        var labels = new SeriesLabels(["v"], [[450, 460], [700, 720], [1000, 1100]], "set", 60, 500);
        Assert.Equal(expected, RecordedWindows.Classify(labels, row).Class.ToString());
    }

    [Fact]
    public void A_series_has_the_windows_of_all_sensors_and_the_length_of_the_file()
    {
        var series = RecordedWindows.ToSeries(Write(rows: 995, twice: -1, "[[700, 900]]", "a", "b"));
        Assert.Equal((995, 2 * 79), (series.Samples, series.Classes.Length));
        Assert.All(series.Classes.Zip(series.Kinds), w => Assert.Equal(w.First == WindowClass.Candidate, w.Second == TrainingWindows.UnknownKind));
    }

    [Theory]
    [InlineData("[[700, 1000]]", "has 1000 rows, but labels.json labels an event in rows 700 to 1000")]
    [InlineData("[[710, 700]]", "has an event in rows 710 to 700")]
    [InlineData("[7]", "is not of the form of labels")]
    public void Labels_that_do_not_fit_the_file_are_refused_in_one_sentence(string events, string reason)
    {
        var refused = Assert.ThrowsAny<SystemException>(() => new RecordedWindows(Write(rows: 1000, twice: -1, events, "v")).Read().Count());
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_in_a_cell_is_refused_with_its_line()
    {
        var recording = Write(rows: 20, twice: -1, "[]", "v");
        File.AppendAllText(recording.Path, "2024-01-02T00:00:00,broken\n");
        var refused = Assert.Throws<FormatException>(() => new RecordedWindows(recording).Read().Count());
        Assert.Contains("line 22", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_a_missing_file_are_refused()
    {
        var recording = Write(rows: 1, twice: -1, "[]", "v");
        File.Delete(recording.Path);
        Assert.Contains("does not exist", Assert.Throws<InvalidDataException>(() => LabelledRecording.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_and_a_folder_without_labels_are_refused_with_what_to_do()
    {
        Assert.Contains("name the one that holds your recordings", Assert.Throws<InvalidDataException>(() => LabelledRecording.Load(folder.File("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("--labels", Assert.Throws<InvalidDataException>(() => LabelledRecording.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("faults-bias/mote-19-faulttype-bias.csv", "faults-bias", null, "mote 19 faulttype")]
    [InlineData("faults-drift/mote-19-faulttype-drift.csv", "faults-drift", null, "mote 19 faulttype")]
    [InlineData("rig/valve1/0.csv", "rig", null, "valve1 0")]
    [InlineData("rig/valve1/0.csv", "rig", "pump 3", "pump 3")]
    public void The_device_is_named_by_the_labels_or_by_the_words_of_the_file_that_the_set_does_not_share(string file, string set, string? named, string device)
    {
        Assert.Equal(device, new LabelledRecording(file, file, new SeriesLabels(["v"], [], set, 60, 300, Device: named)).Device);
    }

    public void Dispose() => folder.Dispose();

    private LabelledRecording Write(int rows, int twice, string events, params string[] columns)
    {
        var start = new DateTime(2024, 1, 1);
        var text = new StringBuilder($"timestamp,{string.Join(',', columns)}\n");
        for (var row = 0; row < rows; row++)
        {
            var time = start.AddMinutes(row - (twice >= 0 && row >= twice ? 1 : 0));
            text.Append(CultureInfo.InvariantCulture, $"{time:s}{string.Concat(columns.Select((_, i) => $",{(row * 7919 % 101) + i}"))}\n");
        }

        File.WriteAllText(folder.File("r.csv"), text.ToString());
        File.WriteAllText(folder.File(SeriesLabels.FileName), $$"""{"r.csv":{"columns":["{{string.Join("\",\"", columns)}}"],"events":{{events}},"set":"s","step_s":60,"warmup":300} }""");
        return LabelledRecording.Load(folder.Path)[0];
    }
}
