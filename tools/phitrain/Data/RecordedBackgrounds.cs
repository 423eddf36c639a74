using System.Collections.Immutable;
using EdgeGateway.Replay;
using SensorSimulator.Synthesis;

namespace EdgeGateway.PhiTrain.Data;

/// <summary>An event-free stretch of one sensor of a recording.</summary>
/// <param name="Values">NaN = missing.</param>
/// <param name="Seconds">Event times, Unix seconds.</param>
internal sealed record BackgroundStretch(string Column, double[] Values, double[] Seconds);

/// <summary>Event-free stretches of recordings as backgrounds for injected faults: what a site's sensors look like, where nobody labelled anything or nothing happened.</summary>
internal static class RecordedBackgrounds
{
    /// <summary>Rows after an event that are not taken: the sensor settles.</summary>
    private const int Aftermath = 120;

    private const int Shortest = 800;
    private const int Longest = 6000;

    /// <summary>A series shorter than this gets its faults early and close together, as a short generated one.</summary>
    private const int Short = 2500;

    private const int MostStretches = 30;
    private const int SeriesPerStretch = 3;
    private const double Faultless = .12;

    /// <summary>Stretches of 800 to 6,000 rows of each column; not those that are constant, or missing for more than half. At most 30 spans of rows, drawn by <paramref name="random"/>.</summary>
    public static IReadOnlyList<BackgroundStretch> Stretches(SeriesLabels labels, IEnumerable<RecordedRow> rows, RandomStream random)
    {
        List<RecordedRow[]> kept = [];
        var seen = 0;
        foreach (var span in Spans(labels, rows))
        {
            // reservoir sampling: a recording of any length gives so many spans
            seen++;
            if (kept.Count < MostStretches)
            {
                kept.Add(span);
            }
            else if (random.Integer(0, seen) is var place && place < MostStretches)
            {
                kept[place] = span;
            }
        }

        return [.. kept.SelectMany(span => labels.Columns.Select((column, i) => new BackgroundStretch(
            column, [.. span.Select(r => r.Values[i])], [.. span.Select(r => r.Time.ToUnixTimeMilliseconds() / 1000.0)]))).Where(IsUsable)];
    }

    /// <summary>Series with injected faults on the stretches of a recording: three of each stretch, with other faults.</summary>
    public static IEnumerable<RawSeries> ToSeries(LabelledRecording recording, SeriesOrigin origin, IEnumerable<RecordedRow> rows, ulong seed)
    {
        // a stream of its own for each recording, whatever other recordings there are
        var random = new RandomStream(seed, Convert.ToUInt64(origin.Hash[..16], 16));
        foreach (var stretch in Stretches(recording.Labels, rows, random))
        {
            for (var i = 0; i < SeriesPerStretch; i++)
            {
                var values = stretch.Values.ToArray();
                var faults = Inject(values, random);
                yield return RawSeries.FromSamples(values, stretch.Seconds, faults) with { Origin = origin };
            }
        }
    }

    /// <summary>Injects faults as into generated series. Missing values stay missing; beneath them the last value is taken to hold.</summary>
    public static ImmutableArray<Fault> Inject(double[] values, RandomStream random)
    {
        var missing = Array.ConvertAll(values, double.IsNaN);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = !missing[i] ? values[i] : i > 0 ? values[i - 1] : values[Array.IndexOf(missing, false)];
        }

        var injector = new FaultInjector(random, values);
        var faults = random.Chance(Faultless) ? []
            : values.Length < Short ? injector.InjectMany(300, 180, 700, 400)
            : injector.InjectMany(random.Integer(350, 600), 250, 1500, 600);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = missing[i] ? double.NaN : values[i];
        }

        return faults;
    }

    private static IEnumerable<RecordedRow[]> Spans(SeriesLabels labels, IEnumerable<RecordedRow> rows)
    {
        List<RecordedRow> span = [];
        var (row, last) = (0, DateTimeOffset.MinValue);
        foreach (var next in rows)
        {
            // events before the warm-up are not labelled
            var free = row >= labels.Warmup && !labels.Events.Any(e => row >= e[0] && row <= e[1] + Aftermath);
            row++;
            if (span.Count == Longest || (!free && span.Count > 0))
            {
                if (span.Count >= Shortest)
                {
                    yield return [.. span];
                }

                span.Clear();
            }

            // a row that is a duplicate or late is no sample
            if (free && next.Time > last)
            {
                span.Add(next);
                last = next.Time;
            }
        }

        if (span.Count >= Shortest)
        {
            yield return [.. span];
        }
    }

    private static bool IsUsable(BackgroundStretch stretch)
    {
        var finite = stretch.Values.Where(double.IsFinite).ToArray();
        return finite.Length * 2 > stretch.Values.Length && finite.Max() > finite.Min();
    }
}
