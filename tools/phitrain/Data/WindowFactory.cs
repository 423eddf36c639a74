using EdgeGateway.Windows.Fields;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>Makes training windows from generated series: fields on all cores, level edges from these very windows, digits. The result does not depend on the number of cores.</summary>
internal static class WindowFactory
{
    private const double LowTail = .005;

    /// <summary>The raw windows of series first .. first + count - 1.</summary>
    public static RawSeries[] Generate(ulong seed, int first, int count, Action<int> done)
    {
        var series = new RawSeries[count];
        var finished = 0;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            series[i] = RawSeries.Generate(seed, first + i);
            done(Interlocked.Increment(ref finished));
        });
        return series;
    }

    /// <summary>
    /// Nine edges a field (recipe section 3): A and B are the 0.5 % and 99.5 % quantiles of asinh(value) over the windows outside ignore zones; edge k is
    /// sinh(A + (B - A)(k + 0.5)/9).
    /// </summary>
    public static double[][] Edges(RawSeries[] series) => [.. Enumerable.Range(0, SensorFields.Count).Select(field => Edges(series, field))];

    /// <summary>Cuts raw windows to digits.</summary>
    public static TrainingWindows ToDigits(RawSeries[] series, double[][] edges)
    {
        var count = series.Sum(s => s.Classes.Length);
        var windows = new TrainingWindows
        {
            Digits = new byte[count * SensorFields.Count],
            Classes = [.. series.SelectMany(s => s.Classes)],
            Kinds = [.. series.SelectMany(s => s.Kinds)],
            Events = new int[count],
            Series = [.. series.SelectMany((s, i) => Enumerable.Repeat(i, s.Classes.Length))],
        };
        var (window, events) = (0, 0);
        foreach (var s in series)
        {
            for (var i = 0; i < s.Classes.Length; i++, window++)
            {
                windows.Events[window] = s.Events[i] < 0 ? -1 : events + s.Events[i];
                for (var field = 0; field < SensorFields.Count; field++)
                {
                    windows.Digits[(window * SensorFields.Count) + field] = (byte)FieldLevels.Level(s.Fields[(i * SensorFields.Count) + field], edges[field]);
                }
            }

            events += s.Events.DefaultIfEmpty(-1).Max() + 1;
        }

        return windows;
    }

    private static double[] Edges(RawSeries[] series, int field)
    {
        var values = series
            .SelectMany(s => Enumerable.Range(0, s.Classes.Length).Where(i => s.Classes[i] != WindowClass.Ignored).Select(i => (double)s.Fields[(i * SensorFields.Count) + field]))
            .Where(v => !double.IsNaN(v))
            .Select(Math.Asinh)
            .ToArray();
        Array.Sort(values);
        var (a, b) = (Quantile(values, LowTail), Quantile(values, 1 - LowTail));
        return [.. Enumerable.Range(0, FieldLevels.EdgesPerField).Select(k => Math.Sinh(a + ((b - a) * (k + 0.5) / FieldLevels.EdgesPerField)))];
    }

    private static double Quantile(double[] sorted, double q)
    {
        var at = q * (sorted.Length - 1);
        var low = (int)at;
        return low + 1 < sorted.Length ? sorted[low] + ((sorted[low + 1] - sorted[low]) * (at - low)) : sorted[low];
    }
}
