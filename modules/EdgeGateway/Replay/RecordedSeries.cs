using System.Globalization;

namespace EdgeGateway.Replay;

/// <summary>One row of a recording; NaN = missing.</summary>
internal readonly record struct RecordedRow(DateTimeOffset Time, double[] Values);

/// <summary>
/// A recording in CSV, read as it is replayed: header <c>timestamp,column,...</c>, ISO 8601 time (no offset: UTC), decimal points, an empty cell = missing. No more than a
/// line is in memory.
/// </summary>
internal sealed class RecordedSeries : IDisposable
{
    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
    private const int Shown = 60;
    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd"];
    private readonly string path;
    private readonly StreamReader text;
    private readonly string[] header;
    private readonly int[] places;

    private RecordedSeries(string path, StreamReader text, IReadOnlyList<string>? wanted)
    {
        (this.path, this.text) = (path, text);
        header = text.ReadLine()?.Split(',') ?? [];
        Columns = wanted ?? [.. header.Skip(1)];
        places = [.. Columns.Select(column => Array.IndexOf(header, column, Math.Min(1, header.Length)))];
        if (header.Length < 2 || header.Contains("") || header.Distinct().Count() < header.Length)
        {
            throw new FormatException($"{path}, line 1: expected a header \"timestamp,<column>,...\" with a name for each column, every one different, found \"{Start(string.Join(',', header))}\".");
        }

        if (Columns.Where((_, i) => places[i] < 0).FirstOrDefault() is { } missing)
        {
            throw new FormatException($"{path}, line 1: the column {missing}, which {SeriesLabels.FileName} names, is missing; the file has {string.Join(", ", header.Skip(1))}.");
        }
    }

    /// <summary>The columns that are read.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Opens a file and reads its header; with <paramref name="wanted"/> only those columns count, else all.</summary>
    /// <exception cref="FormatException">The header cannot be used; the message names file and line.</exception>
    public static RecordedSeries Open(string path, IReadOnlyList<string>? wanted)
    {
        var text = new StreamReader(path);
        try
        {
            return new RecordedSeries(path, text, wanted);
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }

    /// <summary>The rows, once.</summary>
    /// <param name="advanced">Told how many more bytes of the file have been read, now and then.</param>
    /// <exception cref="FormatException">A line cannot be read; the message names file and line.</exception>
    public IEnumerable<RecordedRow> Rows(Action<long> advanced)
    {
        var before = 0L;
        for (var line = 2; text.ReadLine() is { } read; line++)
        {
            yield return Row(read.Split(','), line);
            if (text.BaseStream.Position is var now && now > before)
            {
                advanced(now - before);
                before = now;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => text.Dispose();

    private RecordedRow Row(string[] cells, int line)
    {
        if (cells.Length != header.Length)
        {
            throw new FormatException($"{path}, line {line}: expected {header.Length} cells as in the header, found {cells.Length}{(text.EndOfStream ? "; the file may have been cut off here" : "")}.");
        }

        if (!DateTimeOffset.TryParseExact(cells[0], TimeForms, CultureInfo.InvariantCulture, Utc, out var time))
        {
            throw new FormatException($"{path}, line {line}: \"{Start(cells[0])}\" is no time; write it in ISO 8601, as 2026-01-31T12:00:00.");
        }

        return new RecordedRow(time, [.. places.Select(place => Value(cells[place], place, line))]);
    }

    private double Value(string cell, int place, int line) =>
        cell.Length == 0 ? double.NaN
        : double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
        : throw new FormatException($"{path}, line {line}: \"{Start(cell)}\" in column {header[place]} is no number; write it with a decimal point, or leave the cell empty.");

    private static string Start(string text) => text.Length <= Shown ? text : $"{text[..Shown]}...";
}
