using System.Runtime.InteropServices;

namespace EdgeGateway.Verdicts;

/// <summary>What became of the windows of one point of a history; of several windows the highest counts.</summary>
internal enum WindowColour : byte
{
    /// <summary>Nobody judged: the sensor is too new.</summary>
    Warming,

    /// <summary>Nobody judged: the asset was out of service.</summary>
    Maintenance,

    /// <summary>Nobody judged: other windows looked worse.</summary>
    Budget,

    /// <summary>Judged, and not above the threshold.</summary>
    Normal,

    /// <summary>Above the threshold.</summary>
    Anomalous,
}

/// <summary>One or several windows of a sensor: what they looked like, what is usual, what became of them. In the sensor's unit; NaN where there is nothing.</summary>
/// <param name="End">Event time of the last window's end, ticks in UTC.</param>
/// <param name="Value">Newest value.</param>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value.</param>
/// <param name="Usual">Median before the window.</param>
/// <param name="Spread">Spread before the window, in standard deviations.</param>
/// <param name="Score">Highest score less its threshold; NaN when nobody judged.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct HistoryPoint(long End, float Value, float Min, float Max, float Usual, float Spread, float Score, WindowColour Colour)
{
    /// <summary>A verdict as a point.</summary>
    public static HistoryPoint Of(Verdict verdict)
    {
        var seen = verdict.Window.Evidence;
        return new HistoryPoint(
            verdict.Window.End.UtcTicks, (float)seen.Last, (float)seen.Min, (float)seen.Max, (float)seen.BaselineMedian, (float)seen.BaselineSpread, (float)(verdict.Score - verdict.Threshold), ColourOf(verdict));
    }

    /// <summary>What became of a window.</summary>
    public static WindowColour ColourOf(Verdict verdict) => verdict.NotJudged switch
    {
        NotJudgedReason.Warming => WindowColour.Warming,
        NotJudgedReason.Maintenance => WindowColour.Maintenance,
        NotJudgedReason.Budget => WindowColour.Budget,
        _ => verdict.Anomalous ? WindowColour.Anomalous : WindowColour.Normal,
    };

    /// <summary>This and a later one as one.</summary>
    public HistoryPoint With(HistoryPoint later) => new(
        later.End, later.Value, MathF.Min(Min, later.Min), MathF.Max(Max, later.Max), later.Usual, later.Spread,
        float.IsNaN(Score) ? later.Score : float.IsNaN(later.Score) ? Score : MathF.Max(Score, later.Score), Colour > later.Colour ? Colour : later.Colour);
}

/// <summary>
/// The last hours of one sensor in at most 256 points, 10 KB. When they are full, two and two become one, so that there are half as many points of twice the time; beyond six hours of event time the
/// oldest goes instead. Thread-safe.
/// </summary>
internal sealed class SensorHistory
{
    /// <summary>Points of one sensor.</summary>
    public const int MostPoints = 256;

    /// <summary>Points become no coarser than this span needs.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromHours(6);

    private readonly Lock gate = new();
    private readonly List<HistoryPoint> points = [];
    private int windowsOfPoint = 1;
    private int windowsOfLast = 1;
    private long first;
    private long gone = DateTime.MinValue.Ticks;

    /// <summary>Takes a window. One that is not newer than the last, because the sensor's clock was set back, begins a new history.</summary>
    /// <param name="number">Of its verdict; higher than that of the one before.</param>
    public void Add(HistoryPoint window, long number)
    {
        lock (gate)
        {
            if (points.Count == 0 || window.End <= points[^1].End)
            {
                points.Clear();
                (windowsOfPoint, windowsOfLast, first, gone) = (1, 1, number, DateTime.MinValue.Ticks);
            }

            if (points.Count > 0 && windowsOfLast < windowsOfPoint)
            {
                points[^1] = points[^1].With(window);
                windowsOfLast++;
                return;
            }

            if (points.Count == MostPoints)
            {
                MakeRoom_NeedsLock();
            }

            points.Add(window);
            windowsOfLast = 1;
        }
    }

    /// <summary>What belongs to the points and to nothing before: the number of the first verdict since the sensor's clock was last set back, and the end of what has gone, in milliseconds of event time since 1970.</summary>
    public (long First, long Gone) Reach()
    {
        lock (gate)
        {
            return (first, new DateTimeOffset(gone, TimeSpan.Zero).ToUnixTimeMilliseconds());
        }
    }

    /// <summary>All points, oldest first.</summary>
    public HistoryPoint[] Points()
    {
        lock (gate)
        {
            return [.. points];
        }
    }

    private void MakeRoom_NeedsLock()
    {
        if (points[^1].End - points[0].End >= Span.Ticks)
        {
            gone = points[0].End;
            points.RemoveAt(0);
            return;
        }

        for (var i = 0; i < MostPoints / 2; i++)
        {
            points[i] = points[2 * i].With(points[(2 * i) + 1]);
        }

        points.RemoveRange(MostPoints / 2, MostPoints / 2);
        windowsOfPoint *= 2;
    }
}
