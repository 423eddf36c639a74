using EdgeGateway.Storage;

namespace EdgeGateway.Export;

/// <summary>One CSV file: sensors of a recording whose samples have the same times.</summary>
/// <param name="Times">Event time of each row, UTC ticks, rising.</param>
internal sealed record ExportFile(Recording Recording, IReadOnlyList<RecordedSensor> Sensors, IReadOnlyList<long> Times)
{
    /// <summary>Sensors stand in one file when so many of their times are the same: an empty cell is a missing sample, which a sensor with times of its own does not have.</summary>
    private const double SameTimes = 0.95;

    /// <summary>Usual seconds between two rows.</summary>
    public double StepSeconds => Times.Count < 2 ? 1 : TimeSpan.FromTicks(Times.Zip(Times.Skip(1), (a, b) => b - a).Order().ElementAt((Times.Count - 1) / 2)).TotalSeconds;

    /// <summary>The files of a recording.</summary>
    public static IEnumerable<ExportFile> Of(Recording recording)
    {
        var left = recording.Sensors.ToList();
        while (left.Count > 0)
        {
            var times = left[0].Samples.Select(s => s.Ticks).ToHashSet();
            var together = left.Where(s => s.Samples.Count(t => times.Contains(t.Ticks)) >= SameTimes * Math.Max(times.Count, s.Samples.Length)).ToList();
            left.RemoveAll(together.Contains);
            yield return new ExportFile(recording, together, [.. together.SelectMany(s => s.Samples.Select(t => t.Ticks)).Distinct().Order()]);
        }
    }

    /// <summary>Values of one row, NaN where a sensor has none.</summary>
    public IEnumerable<(long Ticks, IEnumerable<double> Values)> Rows()
    {
        Dictionary<long, double>[] columns = [.. Sensors.Select(s => s.Samples.ToDictionary(t => t.Ticks, t => t.Value))];
        return Times.Select(t => (t, columns.Select(c => c.GetValueOrDefault(t, double.NaN))));
    }
}
