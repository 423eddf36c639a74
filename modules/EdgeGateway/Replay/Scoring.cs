namespace EdgeGateway.Replay;

/// <summary>Counts of one series, or sums over several.</summary>
/// <param name="Normal">Rows outside of events and the windows that touch them.</param>
internal sealed record SeriesScore(int Events, int Detected, int Alerts, int False, long Normal, IReadOnlyList<int> Delays)
{
    /// <summary>Detected / (detected + false alerts); NaN when there is neither.</summary>
    public double Precision => Detected / (double)(Detected + False);

    /// <summary>Detected / events.</summary>
    public double Recall => Detected / (double)Events;

    /// <summary>2 detected / (detected + false alerts + events).</summary>
    public double F1 => 2.0 * Detected / (Detected + False + Events);

    /// <summary>False alerts per 1000 windows of normal samples.</summary>
    public double FalsePerThousand => 1000.0 * False / (Normal / (double)Scoring.Window);

    /// <summary>Middle delay of the detected events, in samples.</summary>
    public double MedianDelay
    {
        get
        {
            var sorted = Delays.Order().ToArray();
            return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0;
        }
    }

    /// <summary>Sums of many.</summary>
    public static SeriesScore Sum(IEnumerable<SeriesScore> scores) => scores.Aggregate(
        new SeriesScore(0, 0, 0, 0, 0, []),
        (a, b) => new SeriesScore(a.Events + b.Events, a.Detected + b.Detected, a.Alerts + b.Alerts, a.False + b.False, a.Normal + b.Normal, [.. a.Delays, .. b.Delays]));
}

/// <summary>
/// The event protocol of labelled recordings: after an alert no further one counts for 60 samples; an alert at row t is true when its window [t-59, t] touches a labelled
/// event. No point adjustment, no settings per set.
/// </summary>
internal static class Scoring
{
    /// <summary>Samples of a window, and of the cool-down.</summary>
    public const int Window = 60;

    /// <summary>Scores the alert rows of one series of <paramref name="rows"/> rows.</summary>
    public static SeriesScore Score(SeriesLabels labels, int rows, IEnumerable<int> alertRows)
    {
        var alerts = CoolDown(alertRows, labels.Warmup);
        var events = labels.Events.Where(e => e[0] >= labels.Warmup).ToArray();
        var near = Touching(labels);
        var hits = events.Select(e => alerts.Where(t => t >= e[0] && t <= e[1] + Window - 1).Select(t => t - e[0]).ToArray()).Where(h => h.Length > 0).ToArray();
        var normal = Math.Max(0, rows - labels.Warmup) - near.Sum(n => (long)Math.Min(n.Last + 1, rows) - n.First);
        return new SeriesScore(events.Length, hits.Length, alerts.Count, alerts.Count(t => !near.Any(n => t >= n.First && t <= n.Last)), normal, [.. hits.Select(h => h[0])]);
    }

    /// <summary>First and last rows whose window touches a scored event, in order and apart from each other.</summary>
    public static IReadOnlyList<(int First, int Last)> Touching(SeriesLabels labels)
    {
        List<(int First, int Last)> near = [];
        foreach (var (first, last) in labels.Events.Where(e => e[0] >= labels.Warmup).Select(e => (e[0], e[1] + Window - 1)).Order())
        {
            if (near.Count > 0 && first <= near[^1].Last)
            {
                near[^1] = (near[^1].First, Math.Max(near[^1].Last, last));
            }
            else
            {
                near.Add((first, last));
            }
        }

        return near;
    }

    private static List<int> CoolDown(IEnumerable<int> rows, int warmup)
    {
        List<int> kept = [];
        foreach (var row in rows.Distinct().Order())
        {
            if (row >= warmup && (kept.Count == 0 || row - kept[^1] >= Window))
            {
                kept.Add(row);
            }
        }

        return kept;
    }
}
