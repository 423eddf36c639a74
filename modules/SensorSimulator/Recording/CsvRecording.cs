using System.Collections.Immutable;
using System.Globalization;
using Microsoft.VisualBasic.FileIO;

namespace SensorSimulator.Recording;

/// <summary>One row of a recording.</summary>
/// <param name="Time">UTC; null without a time column.</param>
/// <param name="Values">In the order of <see cref="CsvRecording.Names"/>; NaN = missing.</param>
public readonly record struct RecordedRow(DateTimeOffset? Time, ReadOnlyMemory<double> Values);

/// <summary>A recording in CSV, read as it is played: the first row names the columns, cells may stand in quotes, an empty cell is a missing value. Row 1 is the header; empty lines do not count.</summary>
public sealed class CsvRecording : IDisposable
{
    private const double SecondsBelow = 1e11;
    private const double MillisecondsBelow = 1e14;
    private const double MicrosecondsBelow = 1e17;
    private const double LastSecond = 253_402_300_799;
    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd"];
    private readonly string name;
    private readonly TextFieldParser parser;
    private readonly string[] header;
    private readonly int timePlace;
    private int row;

    /// <summary>Reads the header.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="timeColumn">Column with the event time, ISO 8601 (no offset: UTC) or Unix s, ms, us or ns; null when there is none.</param>
    /// <exception cref="FormatException">There is no usable header; the message is a sentence.</exception>
    public CsvRecording(string name, TextReader text, string? timeColumn)
    {
        this.name = name;
        parser = new TextFieldParser(text) { Delimiters = [","], HasFieldsEnclosedInQuotes = true };
        header = NextRow() ?? throw new FormatException($"{name} is empty: its first row must name the columns.");
        timePlace = timeColumn is null ? -1 : Array.IndexOf(header, timeColumn);
        if (timeColumn is not null && timePlace < 0)
        {
            throw new FormatException($"{name} has no column \"{timeColumn}\" for --time-column; its columns are {string.Join(", ", header)}.");
        }

        Names = [.. header.Where((_, place) => place != timePlace)];
        if (Names.Length == 0 || header.Contains("") || header.Distinct().Count() < header.Length || Names.Contains(Payload.TimeName))
        {
            throw new FormatException($"{name}, row 1: expected a name for each column, every one different and none of the values \"{Payload.TimeName}\", found {string.Join(", ", header)}.");
        }
    }

    /// <summary>Names of the values.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The rows, once.</summary>
    /// <exception cref="FormatException">A row cannot be read; the message names file and row.</exception>
    public IEnumerable<RecordedRow> Rows()
    {
        while (NextRow() is { } cells)
        {
            if (cells.Length != header.Length)
            {
                throw new FormatException($"{name}, row {row}: expected {header.Length} cells as in the header, found {cells.Length}.");
            }

            DateTimeOffset? time = timePlace < 0 ? null : Time(cells[timePlace])
                ?? throw new FormatException($"{name}, row {row}: \"{cells[timePlace]}\" in column {header[timePlace]} is no time; write ISO 8601 or Unix time.");
            yield return new RecordedRow(time, cells.Select(Value).Where((_, place) => place != timePlace).ToArray());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => parser.Dispose();

    private string[]? NextRow()
    {
        row++;
        try
        {
            return parser.ReadFields();
        }
        catch (MalformedLineException e)
        {
            throw new FormatException($"{name}, line {parser.ErrorLineNumber}: a quote is not closed, or something else than a comma follows it.", e);
        }
    }

    private double Value(string cell, int place) =>
        place == timePlace || cell.Length == 0 ? double.NaN
        : double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
        : throw new FormatException($"{name}, row {row}: \"{cell}\" in column {header[place]} is no number; write it with a decimal point, or leave the cell empty.");

    private static DateTimeOffset? Time(string cell)
    {
        if (!double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return DateTimeOffset.TryParseExact(cell, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
        }

        var seconds = number / (number < SecondsBelow ? 1 : number < MillisecondsBelow ? 1e3 : number < MicrosecondsBelow ? 1e6 : 1e9);
        return seconds is >= 0 and < LastSecond ? DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(seconds * 1e6) * TimeSpan.TicksPerMicrosecond) : null;
    }
}
