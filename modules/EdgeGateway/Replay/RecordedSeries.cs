using System.Globalization;

namespace EdgeGateway.Replay;

/// <summary>One row of a recording; NaN = missing.</summary>
internal readonly record struct RecordedRow(DateTimeOffset Time, double[] Values);

/// <summary>A recording in CSV: header <c>timestamp,column,...</c>, ISO 8601 time (no offset: UTC), decimal points, an empty cell = missing.</summary>
internal sealed record RecordedSeries(IReadOnlyList<string> Columns, IReadOnlyList<RecordedRow> Rows)
{
    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    /// <summary>Reads a file; with <paramref name="wanted"/> only those columns, else all.</summary>
    /// <exception cref="FormatException">A line cannot be read; the message names file and line.</exception>
    public static RecordedSeries Read(string path, IReadOnlyList<string>? wanted)
    {
        using var lines = File.ReadLines(path).GetEnumerator();
        var header = lines.MoveNext() ? lines.Current.Split(',') : [];
        var columns = (wanted ?? [.. header.Skip(1)]).ToArray();
        var places = columns.Select(c => Array.IndexOf(header, c)).ToArray();
        if (columns.Length == 0 || Array.IndexOf(places, -1) is var missing && missing >= 0)
        {
            throw new FormatException($"{path}, line 1: expected a header \"timestamp,<column>,...\"{(columns.Length == 0 ? "" : $" with the columns {string.Join(", ", columns)}")}.");
        }

        List<RecordedRow> rows = [];
        while (lines.MoveNext())
        {
            rows.Add(Row(lines.Current.Split(','), places) ?? throw new FormatException(
                $"{path}, line {rows.Count + 2}: expected an ISO 8601 time and {header.Length - 1} numbers, found \"{lines.Current[..Math.Min(60, lines.Current.Length)]}\"."));
        }

        return new RecordedSeries(columns, rows);
    }

    private static RecordedRow? Row(string[] cells, int[] places)
    {
        if (!DateTimeOffset.TryParse(cells[0], CultureInfo.InvariantCulture, Utc, out var time))
        {
            return null;
        }

        var values = new double[places.Length];
        for (var i = 0; i < places.Length; i++)
        {
            var cell = places[i] < cells.Length ? cells[places[i]] : null;
            if (cell is null || (cell.Length > 0 && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out values[i])))
            {
                return null;
            }

            values[i] = cell.Length == 0 ? double.NaN : values[i];
        }

        return new RecordedRow(time, values);
    }
}
