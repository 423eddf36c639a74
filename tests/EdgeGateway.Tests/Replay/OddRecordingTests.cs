using EdgeGateway.Commands;
using EdgeGateway.Models;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.Replay;

/// <summary>Recordings that are odd but readable are judged as a gateway would have judged them, and every reading is accounted for.</summary>
public sealed class OddRecordingTests : IDisposable
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Duplicate_times_are_counted_and_not_used()
    {
        var accounting = Replay(row => (Start.AddMinutes(row / 2), "1"));
        Assert.Equal((500, 500), (accounting.Total("taken"), accounting.Total("duplicate")));
    }

    [Fact]
    public void Times_that_go_back_once_are_counted_as_late()
    {
        var accounting = Replay(row => (Start.AddMinutes(row % 5 == 4 ? row - 3.5 : row), "1"));
        Assert.Equal((800, 200), (accounting.Total("taken"), accounting.Total("late")));
    }

    [Fact]
    public void A_clock_that_was_set_back_begins_anew()
    {
        var accounting = Replay(row => (Start.AddMinutes(row % 500), "1"));
        Assert.InRange(accounting.Total("late"), 1, 10);
        Assert.Equal(1000, accounting.Total("taken") + accounting.Total("late"));
    }

    [Fact]
    public void Gaps_and_the_ends_of_the_calendar_are_no_fault()
    {
        var accounting = Replay(row => (row == 0 ? DateTime.MinValue : row == 999 ? DateTime.MaxValue.Date : Start.AddMinutes(row).AddYears(row / 300), "1"));
        Assert.Equal(1000, accounting.ReadingsAccounted());
        Assert.InRange(accounting.Total("taken"), 998, 999);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("-1e300")]
    public void A_column_that_is_constant_or_empty_raises_nothing(string cell)
    {
        var accounting = Replay(row => (Start.AddMinutes(row), cell));
        Assert.Equal(1000, accounting.ReadingsAccounted());
    }

    [Fact]
    public void What_is_wrong_in_one_of_many_files_is_told_as_it_is()
    {
        var files = Enumerable.Range(0, 8).Select(i => new ReplayFile(Write($"{i}.csv", i == 5 ? "timestamp,v\n2026-01-01,x\n" : "timestamp,v\n2026-01-01,1\n"), $"{i}.csv", null)).ToArray();
        var problem = Assert.Throws<FormatException>(() => Run().Run(files, _ => { }));
        Assert.StartsWith($"{files[5].Path}, line 2: \"x\"", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_beyond_the_file_are_refused_although_its_rows_can_be_read()
    {
        var file = new ReplayFile(Write("a.csv", "timestamp,v\n2026-01-01,1\n"), "a.csv", new SeriesLabels(["v"], [[0, 1]], "s", 60, 0));
        Assert.Throws<FormatException>(() => Run().Run([file], _ => { }));
    }

    /// <summary>Replays 1000 rows that must raise nothing.</summary>
    private Accounting Replay(Func<int, (DateTime Time, string Cell)> row)
    {
        var lines = Enumerable.Range(0, 1000).Select(row).Select(r => $"{r.Time:yyyy-MM-ddTHH:mm:ss},{r.Cell}\n");
        var run = Run();
        var result = Assert.Single(run.Run([new ReplayFile(Write("odd.csv", "timestamp,v\n" + string.Concat(lines)), "odd.csv", null)], _ => { }));
        Assert.Equal((1000, 0), (result.Rows, result.Raised.Count));
        return run.Accounting;
    }

    private static ReplayRun Run() => new(() => null, SensorModel.Load(LoadedModel.BuiltIn), DetectionSettings.Default);

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }
}
