using System.Globalization;
using CsCheck;
using SensorSimulator.Recording;

namespace EdgeGateway.Tests.Simulator;

public sealed class CsvRecordingTests
{
    [Fact]
    public void The_first_row_names_the_values_and_an_empty_cell_is_missing()
    {
        using var recording = Read("pressure,flow\n4.02,31\n,-1e3\n\n5,NaN\n");
        Assert.Equal(["pressure", "flow"], recording.Names);
        Assert.Equal([[4.02, 31], [double.NaN, -1000], [5, double.NaN]], recording.Rows().Select(r => r.Values.ToArray()));
    }

    [Fact]
    public void The_time_column_may_stand_anywhere_and_is_no_value()
    {
        using var recording = Read("p,when,q\n1,2026-11-24T12:00:00Z,2\n", "when");
        var row = Assert.Single(recording.Rows());
        Assert.Equal(["p", "q"], recording.Names);
        Assert.Equal(Any.Noon, row.Time);
        Assert.Equal([1, 2], row.Values.ToArray());
    }

    [Theory]
    [InlineData("2026-11-24T12:00:00Z")]
    [InlineData("2026-11-24T13:00:00+01:00")]
    [InlineData("2026-11-24 12:00:00")]
    [InlineData("2026-11-24T12:00")]
    [InlineData("2026-11-24T12:00:00.000")]
    [InlineData("1795521600")]
    [InlineData("1795521600000")]
    [InlineData("1795521600000000")]
    [InlineData("1795521600000000000")]
    public void Times_are_ISO_8601_or_Unix_time_of_any_unit(string text)
    {
        using var recording = Read($"t,p\n{text},1\n", "t");
        Assert.Equal(Any.Noon, Assert.Single(recording.Rows()).Time);
    }

    [Fact]
    public void Without_a_time_column_rows_have_no_time()
    {
        using var recording = Read("p\n1\n");
        Assert.Null(Assert.Single(recording.Rows()).Time);
    }

    [Fact]
    public void Cells_in_quotes_may_hold_commas_and_quotes()
    {
        using var recording = Read("\"flow, \"\"raw\"\"\",p\r\n\"1.5\",\"\"\r\n");
        Assert.Equal(["flow, \"raw\"", "p"], recording.Names);
        Assert.Equal([1.5, double.NaN], Assert.Single(recording.Rows()).Values.ToArray());
    }

    [Theory]
    [InlineData("", null, "pump.csv is empty: its first row must name the columns.")]
    [InlineData("p,q\n1,2\n", "time", "pump.csv has no column \"time\" for --time-column; its columns are p, q.")]
    [InlineData("t\n1\n", "t", "pump.csv, row 1: expected a name for each column, every one different and none of the values \"ts\", found t.")]
    [InlineData("p,p\n1,2\n", null, "pump.csv, row 1: expected a name for each column, every one different and none of the values \"ts\", found p, p.")]
    [InlineData("ts,p\n1,2\n", null, "pump.csv, row 1: expected a name for each column, every one different and none of the values \"ts\", found ts, p.")]
    [InlineData("p,q\n1,2\n3,x\n", null, "pump.csv, row 3: \"x\" in column q is no number; write it with a decimal point, or leave the cell empty.")]
    [InlineData("p,q\n1,2,3\n", null, "pump.csv, row 2: expected 2 cells as in the header, found 3.")]
    [InlineData("p,q\n1,2\n3\n", null, "pump.csv, row 3: expected 2 cells as in the header, found 1.")]
    [InlineData("t,p\nyesterday,2\n", "t", "pump.csv, row 2: \"yesterday\" in column t is no time; write ISO 8601 or Unix time.")]
    [InlineData("t,p\n12:00,2\n", "t", "pump.csv, row 2: \"12:00\" in column t is no time; write ISO 8601 or Unix time.")]
    [InlineData("t,p\nNaN,2\n", "t", "pump.csv, row 2: \"NaN\" in column t is no time; write ISO 8601 or Unix time.")]
    [InlineData("t,p\n-5,2\n", "t", "pump.csv, row 2: \"-5\" in column t is no time; write ISO 8601 or Unix time.")]
    [InlineData("p,q\n1,2\n3,\"4\n", null, "pump.csv, line 3: a quote is not closed, or something else than a comma follows it.")]
    public void What_is_wrong_is_said_in_one_sentence_with_file_and_row(string text, string? timeColumn, string message)
    {
        var error = Assert.Throws<FormatException>(() =>
        {
            using var recording = Read(text, timeColumn);
            Assert.NotNull(recording.Rows().ToList());
        });
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Any_numbers_that_are_written_are_read_again() => Gen.Double.Array[3].Array[0, 20].Sample(rows =>
    {
        var text = "a,b,c\n" + string.Concat(rows.Select(r => string.Join(',', r.Select(v => v.ToString("R", CultureInfo.InvariantCulture))) + "\n"));
        using var recording = Read(text);
        Assert.Equal(rows, recording.Rows().Select(r => r.Values.ToArray()));
    });

    [Fact]
    public void Any_text_gives_rows_or_a_sentence() => Gen.Char["\"\",,,\n\n\r .-+eE019aNt:ö\0"].Array[0, 60].Select(letters => new string(letters)).Sample(
        text =>
        {
            try
            {
                using var recording = Read(text, text.StartsWith('t') ? "t" : null);
                Assert.All(recording.Rows(), row => Assert.Equal(recording.Names.Length, row.Values.Length));
            }
            catch (FormatException e)
            {
                Assert.StartsWith("pump.csv", e.Message);
            }
        },
        iter: 5000);

    private static CsvRecording Read(string text, string? timeColumn = null) => new("pump.csv", new StringReader(text), timeColumn);
}
