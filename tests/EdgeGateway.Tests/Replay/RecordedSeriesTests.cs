using EdgeGateway.Replay;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.Replay;

public sealed class RecordedSeriesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_are_read_as_they_are_asked_for()
    {
        using var series = RecordedSeries.Open(Write("timestamp,a,b\n2026-01-01T00:00:00,1,2\nnonsense\n"), null);
        using var rows = series.Rows(_ => { }).GetEnumerator();
        Assert.True(rows.MoveNext());
        Assert.Equal([1, 2], rows.Current.Values);
        Assert.Throws<FormatException>(() => rows.MoveNext());
    }

    [Fact]
    public void The_bytes_that_are_read_add_up_to_the_file()
    {
        var path = Write("timestamp,a\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"2026-01-01T00:{i / 60 % 60:00}:{i % 60:00},{i}\n")));
        var read = 0L;
        using var series = RecordedSeries.Open(path, null);
        Assert.Equal(5000, series.Rows(more => read += more).Count());
        Assert.Equal(new FileInfo(path).Length, read);
    }

    [Fact]
    public void Empty_cells_and_what_is_no_finite_number_are_missing_values()
    {
        using var series = RecordedSeries.Open(Write("timestamp,a,b,c\r\n2026-01-01 00:00,,NaN,1e999\r\n"), ["c", "a", "b"]);
        var row = Assert.Single(series.Rows(_ => { }));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), row.Time);
        Assert.DoesNotContain(row.Values, double.IsFinite);
    }

    [Theory]
    [InlineData("", "line 1: expected a header \"timestamp,<column>,...\" with a name for each column, every one different, found \"\".")]
    [InlineData("timestamp\n", "line 1: expected a header \"timestamp,<column>,...\" with a name for each column, every one different, found \"timestamp\".")]
    [InlineData("timestamp,v,v\n", "line 1: expected a header \"timestamp,<column>,...\" with a name for each column, every one different, found \"timestamp,v,v\".")]
    [InlineData("timestamp,v,\n", "line 1: expected a header \"timestamp,<column>,...\" with a name for each column, every one different, found \"timestamp,v,\".")]
    [InlineData("timestamp,w\n", "line 1: the column v, which labels.json names, is missing; the file has w.")]
    [InlineData("v,w\n", "line 1: the column v, which labels.json names, is missing; the file has w.")]
    public void A_header_that_cannot_be_used_is_refused_when_the_file_is_opened(string text, string sentence)
    {
        var path = Write(text);
        Assert.Equal($"{path}, {sentence}", Assert.Throws<FormatException>(() => RecordedSeries.Open(path, ["v"])).Message);
        File.Delete(path); // not held open
    }

    [Theory]
    [InlineData("2026-01-01T00:00:01,good,1\n2026-01-01T00:00:02,1,1\n", "\"good\" in column v is no number; write it with a decimal point, or leave the cell empty.")]
    [InlineData("2026-01-01T00:00:01,1.5;2,1\n", "\"1.5;2\" in column v is no number; write it with a decimal point, or leave the cell empty.")]
    [InlineData("2026-01-01T00:00:01,1,5,1\n2026-01-01T00:00:02,1,1\n", "expected 3 cells as in the header, found 4.")]
    [InlineData("2026-01-01T00:00:01,1", "expected 3 cells as in the header, found 2; the file may have been cut off here.")]
    [InlineData("2026-01-01T00:0", "expected 3 cells as in the header, found 1; the file may have been cut off here.")]
    [InlineData("\n2026-01-01T00:00:02,1,1\n", "expected 3 cells as in the header, found 1.")]
    [InlineData("12:30,1,1\n", "\"12:30\" is no time; write it in ISO 8601, as 2026-01-31T12:00:00.")]
    [InlineData("2026-02-30T00:00:00,1,1\n", "\"2026-02-30T00:00:00\" is no time; write it in ISO 8601, as 2026-01-31T12:00:00.")]
    public void A_line_that_cannot_be_read_is_named_with_what_is_wrong(string text, string sentence)
    {
        var path = Write("timestamp,v,w\n2026-01-01T00:00:00,1,1\n" + text);
        using var series = RecordedSeries.Open(path, null);
        Assert.Equal($"{path}, line 3: {sentence}", Assert.Throws<FormatException>(() => series.Rows(_ => { }).Count()).Message);
    }

    private string Write(string text)
    {
        var path = Path.Combine(folder.Path, "recording.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
