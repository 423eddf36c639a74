using EdgeGateway.Replay;
using EdgeGateway.Tests.Phi;

namespace EdgeGateway.Tests.Replay;

public sealed class LabelsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""[[5,4]]""", "has an event in rows 5 to 4; the first must be at least 0 and not behind the last.")]
    [InlineData("""[[1,2],[-1,4]]""", "has an event in rows -1 to 4; the first must be at least 0 and not behind the last.")]
    [InlineData("""[[5]]""", "has an event that is not a first and a last row.")]
    [InlineData("""[[1,2]],"kinds":["drift","shift"]""", "names 2 kinds for 1 events.")]
    [InlineData("""[],"warmup":-1""", "has the warm-up -1; it must be a row from 0 on.")]
    [InlineData("""[],"step_s":0""", "has the step 0; it must be more than 0 seconds.")]
    [InlineData("""[],"columns":[]""", "names no columns.")]
    public void Labels_that_mean_nothing_are_refused_with_file_and_series(string events, string sentence)
    {
        var path = Write($$$"""{"a.csv":{"columns":["v"],"set":"s","step_s":60,"warmup":0,"events":{{{events}}}}}""");
        Assert.Equal($"{path}: a.csv {sentence}", Assert.Throws<FormatException>(() => SeriesLabels.Load(folder.Path)).Message);
    }

    [Theory]
    [InlineData("""{"a.csv":{"columns":["v"],"events":[],"set":"s","step_s":60}}""", "warmup")]
    [InlineData("""{"a.csv":{"columns":["v"],"events":[[1,"x"]],"set":"s","step_s":60,"warmup":0}}""", "$['a.csv'].events")]
    [InlineData("""{"a.csv":{"columns":["v"],"events":[[1,2""", "LineNumber: 0")]
    [InlineData("""{"a.csv":null}""", "a.csv")]
    [InlineData("null", "null")]
    public void A_file_of_another_form_is_refused_with_the_place(string text, string place)
    {
        var path = Write(text);
        var message = Assert.Throws<FormatException>(() => SeriesLabels.Load(folder.Path)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(place, message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_behind_the_last_row_is_refused_with_file_and_event()
    {
        var labels = new SeriesLabels(["v"], [[1, 2], [8, 10]], "s", 60, 0);
        labels.CheckAgainst("a.csv", 11);
        Assert.Equal(
            "a.csv has 10 rows, but labels.json labels an event in rows 8 to 10 of it; rows count from 0, the header is none.",
            Assert.Throws<FormatException>(() => labels.CheckAgainst("a.csv", 10)).Message);
    }

    [Fact]
    public void A_recording_that_the_labels_name_but_is_missing_is_named()
    {
        Write("""{"gone.csv":{"columns":["v"],"events":[],"set":"s","step_s":60,"warmup":0}}""");
        var message = Assert.Throws<FileNotFoundException>(() => ReplayFile.At(folder.Path)).Message;
        Assert.Equal($"{Path.Combine(folder.Path, "gone.csv")}, which labels.json names, does not exist.", message);
    }

    private string Write(string text)
    {
        var path = Path.Combine(folder.Path, SeriesLabels.FileName);
        File.WriteAllText(path, text);
        return path;
    }
}
