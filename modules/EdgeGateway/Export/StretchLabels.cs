using System.Collections.Immutable;
using EdgeGateway.Storage;

namespace EdgeGateway.Export;

/// <summary>What can be said of the rows of one file, in the terms of labels.json.</summary>
/// <param name="Warmup">First row that counts.</param>
/// <param name="Rows">Rows from the first on that are known; what follows is left out.</param>
/// <param name="Events">First and last row of each alert that was judged true.</param>
internal sealed record StretchLabels(int Warmup, int Rows, ImmutableArray<(int First, int Last)> Events)
{
    /// <summary>Rows until a sensor is judged.</summary>
    private const int SensorWarmup = 300;

    /// <summary>Row from which on training looks at windows.</summary>
    private const int FirstTrained = 400;

    /// <summary>Rows after an alert that nobody judged in which the fault may still show.</summary>
    private const int Aftermath = 120;

    /// <summary>A stretch must show at least a window behind what training ignores.</summary>
    private const int Shortest = 60;

    /// <summary>
    /// The part of the rows in which everything is known: alerts judged true are events, those judged false are normal operation, and what is in or right after any other is not known.
    /// A file has one known part, from a row of warm-up to a row of end: the one with the most events, else the longest. Null where none is long enough.
    /// </summary>
    /// <param name="times">Event time of each row, UTC ticks, rising.</param>
    /// <param name="sensors">Sensors that the file has: an alert that another one led says nothing certain of them, unless it was false.</param>
    /// <param name="verdicts">By alert.</param>
    public static StretchLabels? Of(IReadOnlyList<long> times, IEnumerable<string> sensors, IEnumerable<RecordedAlert> alerts, IReadOnlyDictionary<string, AlertFeedback> verdicts)
    {
        var here = sensors.ToHashSet(StringComparer.Ordinal);
        var judged = alerts.Select(a => (Alert: a, Rows: RowsOf(a, times), verdicts.GetValueOrDefault(a.AlertId)?.Verdict)).ToLookup(
            a => a.Verdict == AlertFeedback.False ? AlertFeedback.False : a.Verdict == AlertFeedback.True && here.Contains(a.Alert.Sensor) ? AlertFeedback.True : AlertFeedback.Unsure, a => a.Rows);
        var events = Merged(judged[AlertFeedback.True]);
        var (begin, parts) = (0, new List<StretchLabels>());
        foreach (var (first, last) in judged[AlertFeedback.Unsure].Append((times.Count, times.Count)).Order())
        {
            if (first > begin)
            {
                parts.Add(new StretchLabels(Math.Max(SensorWarmup, begin), first, [.. events.Where(e => e.First < first && e.Last >= begin).Select(e => (e.First, Math.Min(e.Last, first - 1)))]));
            }

            begin = Math.Max(begin, last + 1 + Aftermath);
        }

        return parts.Where(p => p.Rows - Math.Max(FirstTrained, p.Warmup) >= Shortest)
            .OrderByDescending(p => p.Events.Count(e => e.First >= p.Warmup)).ThenByDescending(p => p.Rows - p.Warmup).FirstOrDefault();
    }

    /// <summary>An anomaly and a limit at the same time are one event.</summary>
    private static List<(int First, int Last)> Merged(IEnumerable<(int First, int Last)> events)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var (first, last) in events.Order())
        {
            if (merged.Count > 0 && first <= merged[^1].Last)
            {
                merged[^1] = (merged[^1].First, Math.Max(last, merged[^1].Last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return merged;
    }

    /// <summary>From the first sample of the raising window to the last one before the end; at least one row.</summary>
    private static (int First, int Last) RowsOf(RecordedAlert alert, IReadOnlyList<long> times)
    {
        var first = times.Count(t => t < alert.Begin.UtcTicks);
        var last = alert.End is { } end ? times.Count(t => t < end.UtcTicks) - 1 : times.Count - 1;
        return (first, Math.Max(first, last));
    }
}
