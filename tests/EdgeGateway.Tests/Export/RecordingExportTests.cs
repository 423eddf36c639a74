using EdgeGateway.Export;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Replay;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Export;

/// <summary>Recordings and verdicts, written and read back by what training reads them with.</summary>
public sealed class RecordingExportTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly RecordingFolder recordings;
    private readonly Dictionary<string, AlertFeedback> verdicts = new(StringComparer.Ordinal);

    public RecordingExportTests() => recordings = new RecordingFolder(Data, new FakeTimeProvider(Any.Noon) { AutoAdvanceAmount = TimeSpan.FromSeconds(1) });

    private string Data => Path.Combine(folder.Path, "data");

    private string Target => Path.Combine(folder.Path, "target");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Training_reads_events_of_alerts_judged_true_and_normal_windows_of_the_rest()
    {
        Record("secret-line/press", 1000, Alert("right", 540, 700));
        Record("secret-line/fan", 1000, Alert("wrong", 540, 700));
        Record("secret-line/press", 1440);
        Judge("right", AlertFeedback.True);
        Judge("wrong", AlertFeedback.False);
        Assert.Equal(new ExportCounts(Labelled: 3, Events: 1, Normal: 2, Unlabelled: 0, Unreadable: 0), Export());
        var read = LabelledRecording.Load(Target);
        Assert.Equal(["asset-1", "asset-1", "asset-2"], read.Select(r => r.Device).Order());
        var windows = read.SelectMany(r => new RecordedWindows(r).Read().Select(w => (w.Row, w.Class, Events: r.Labels.Events.Length))).ToLookup(w => w.Class);
        Assert.All(windows[WindowClass.Candidate], w => Assert.True(w is { Row: >= 540 and < 700, Events: 1 }));
        Assert.Equal(16 * 2, windows[WindowClass.Candidate].Count());
        Assert.All(windows[WindowClass.Normal].Where(w => w.Events == 1), w => Assert.True(w.Row is (>= 400 and < 540) or > 819));
        Assert.True(windows[WindowClass.Normal].Count() > 2 * (60 + 100));
    }

    [Fact]
    public void What_nobody_judged_has_no_label_and_lies_apart()
    {
        Record("p", 1000, Alert("unjudged", 450, 900));
        Record("p", 1000, Alert("unsure", 450, 900));
        Judge("unsure", AlertFeedback.Unsure);
        Assert.Equal(new ExportCounts(0, 0, 0, Unlabelled: 2, 0), Export());
        Assert.Equal(["asset-1/0001.csv", "asset-1/0002.csv"], Directory.GetFiles(Path.Combine(Target, "unlabelled"), "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Path.Combine(Target, "unlabelled"), f)).Order());
        Assert.False(File.Exists(Path.Combine(Target, SeriesLabels.FileName)));
    }

    [Fact]
    public void No_name_unit_note_person_or_date_of_the_site_is_in_any_byte_unless_asked_for()
    {
        Record("secret-line/press", 1000, Alert("right", 540, 700));
        verdicts.Add("right", new AlertFeedback("right", Any.Noon, "Ada", AlertFeedback.True, "bearing"));
        Export();
        string[] foreign = ["secret", "press", "pumps", "flow", "bar", "Ada", "bearing", "right", "2026"];
        Assert.All(foreign, word => Assert.DoesNotContain(word, Written(), StringComparison.OrdinalIgnoreCase));

        Directory.Delete(Target, recursive: true);
        Export(names: true);
        Assert.All(foreign, word => Assert.Contains(word, Written(), StringComparison.Ordinal));
        Assert.Equal("secret-line/press", Assert.Single(LabelledRecording.Load(Target)).Device);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("-1", "'-1")]
    [InlineData("a,b\"c", "a_b_c")]
    [InlineData("a\u202eb", "a\\u202eb")]
    public void The_name_of_a_sensor_is_one_cell_and_no_formula(string sensor, string column)
    {
        recordings.Add(new Recording("q", "pumps", [], [new RecordedSensor(sensor, "", [.. Enumerable.Range(0, 10).Select(i => new SensorSample(Any.Noon.AddSeconds(i).UtcTicks, i))])]), 1_000_000);
        Export(names: true);
        using var series = RecordedSeries.Open(Path.Combine(Target, "unlabelled", "asset-1", "0001.csv"), null);
        Assert.Equal(column, Assert.Single(series.Columns));
    }

    [Fact]
    public void Names_that_would_look_the_same_have_numbers_behind_them_the_same_ones_in_every_file()
    {
        RecordedSensor Sensor(string id) => new(id, "", [.. Enumerable.Range(0, 10).Select(i => new SensorSample(Any.Noon.AddSeconds(i).UtcTicks, i))]);
        string[][] ofFiles = [["a,b", "a_b", "a\"b"], ["a\"b", "a,b"]];
        Assert.All(ofFiles, ids => recordings.Add(new Recording("q", "pumps", [], [.. ids.Select(Sensor)]), 1_000_000));
        Export(names: true);
        Assert.Equal(["a_b|a_b (2)|a_b (3)", "a_b (3)|a_b"], new[] { "0001.csv", "0002.csv" }.Select(name =>
        {
            using var series = RecordedSeries.Open(Path.Combine(Target, "unlabelled", "asset-1", name), null);
            return string.Join('|', series.Columns);
        }));
    }

    [Fact]
    public void Times_are_shifted_by_whole_weeks_all_by_the_same_and_values_come_out_as_they_went_in()
    {
        Record("p", 500);
        recordings.Add(new Recording("q", "pumps", [], [new RecordedSensor("q/v", "", [.. Enumerable.Range(0, 500).Select(i => new SensorSample(Any.Noon.AddDays(9).AddSeconds(i).UtcTicks, i == 3 ? double.NaN : 0.1 + 4.01 - 0.1))])]), 1_000_000);
        Export();
        using var series = RecordedSeries.Open(Path.Combine(Target, "asset-2", "0001.csv"), null);
        var rows = series.Rows(_ => { }).ToList();
        Assert.Equal((Any.Noon.DayOfWeek + 2, Any.Noon.TimeOfDay, 2000), (rows[0].Time.DayOfWeek, rows[0].Time.TimeOfDay, rows[0].Time.Year));
        Assert.Equal((4.01, double.NaN), (rows[0].Values[0], rows[3].Values[0]));
        using var first = RecordedSeries.Open(Path.Combine(Target, "asset-1", "0001.csv"), null);
        Assert.Equal(TimeSpan.FromDays(9), rows[0].Time - first.Rows(_ => { }).First().Time);
    }

    [Fact]
    public void Sensors_of_an_asset_with_times_of_their_own_have_files_of_their_own()
    {
        RecordedSensor Sensor(string id, int offset, int count, int step = 1) => new(id, "", [.. Enumerable.Range(0, count).Select(i => new SensorSample(Any.Noon.AddSeconds(step * i).UtcTicks + offset, i))]);
        recordings.Add(new Recording("p", "pumps", [], [Sensor("a", 0, 1000), Sensor("b", 1, 1000), Sensor("c", 0, 990), Sensor("d", 0, 500, 2)]), 1_000_000);
        Export();
        Assert.Equal(["sensor-1,sensor-2", "sensor-3", "sensor-4"], LabelledRecording.Load(Target).Select(r => string.Join(',', r.Labels.Columns)));
        Assert.Equal([1, 1, 2], LabelledRecording.Load(Target).Select(r => r.Labels.StepSeconds));
    }

    [Fact]
    public void Damaged_recordings_are_left_out_and_counted()
    {
        Record("p", 1000);
        Record("p", 1000);
        File.WriteAllText(Directory.GetFiles(Path.Combine(Data, "recordings"))[0], "damaged");
        Assert.Equal(new ExportCounts(1, 0, 1, 0, Unreadable: 1), Export());
    }

    private static RecordedAlert Alert(string id, int begin, int end) => new(id, "flow", Any.Noon.AddSeconds(begin), Any.Noon.AddSeconds(end));

    private void Record(string asset, int samples, params RecordedAlert[] alerts)
    {
        RecordedSensor[] sensors = [.. new[] { "flow", "x" }.Select(s => new RecordedSensor(s, "bar", [.. Enumerable.Range(0, samples).Select(i => new SensorSample(Any.Noon.AddSeconds(i).UtcTicks, Math.Round(Math.Sin(i), 2)))]))];
        Assert.True(recordings.Add(new Recording(asset, "pumps", [.. alerts], [.. sensors]), 10_000_000));
    }

    private void Judge(string alert, string verdict) => verdicts.Add(alert, new AlertFeedback(alert, Any.Noon, "Ada", verdict, ""));

    private ExportCounts Export(bool names = false) => new RecordingExport(Target, names, verdicts).Write(Data);

    private string Written() => string.Concat(Directory.GetFiles(Target, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Target, f) + File.ReadAllText(f)));
}
