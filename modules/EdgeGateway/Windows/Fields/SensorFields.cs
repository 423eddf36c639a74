using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace EdgeGateway.Windows.Fields;

/// <summary>
/// The 32 prompt fields of one sensor, as a stream: every 10 samples 32 numbers about the newest window, each relative to
/// the sensor's own past (detection recipe, sections 2 and 3). All state is bounded, about 68 KiB; nothing is allocated by
/// <see cref="Push"/>. The same pushes give the same bits, whenever a snapshot was taken and restored between. One thread at
/// a time.
/// </summary>
public sealed class SensorFields
{
    /// <summary>Pushes from one set of fields to the next.</summary>
    public const int Hop = 10;

    /// <summary>How many fields there are.</summary>
    public const int Count = 32;

    /// <summary>No snapshot is larger, in bytes.</summary>
    public const int LargestSnapshot = SnapshotFormat.LargestSize;

    private const int Window = 60;
    private const int LongestRun = 180;
    private const int LagBeforeWindow = Window / Hop;

    private readonly Intake intake = new();
    private readonly Baselines baselines = new();
    private readonly Season season = new();
    private readonly ControlCharts charts = new();
    private readonly Forecast forecast = new();
    private readonly Crossings crossings = new();
    private readonly SpreadRatios ratios = new();
    private readonly Steps steps = new();
    private readonly Surprises surprises = new();
    private readonly RecentPast past = new();

    /// <summary>Names of the fields in the order of the prompt.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "hold10_1440", "nr60", "s_cusum2", "s_rep12", "s_hres_mean", "s_top5", "nr12", "seas", "zmax_360", "n_s2", "s_nr12",
        "step60", "L15_120", "slope60", "cnt35_1440", "rec35", "s_top1", "s_sr30", "rep60", "miss60", "rough", "zc", "hres_max",
        "seas_min", "dmax", "slope180", "ewma", "out98", "L15_1440", "rec_s2", "rec_nr", "rec_flat",
    ];

    /// <summary>All pushes, missing ones too; every 10th ends a hop.</summary>
    public long Pushes => intake.Pushes;

    /// <summary>Samples since the first finite value, missing ones in between too: the sensor's age for warm-up.</summary>
    public long Samples => intake.Samples;

    /// <summary>Takes the next sample. True at the end of a hop once a finite value was seen; then the fields are written.</summary>
    /// <param name="value">In any unit, always the same; NaN, infinite or beyond 1e15 = missing.</param>
    /// <param name="unixSeconds">Event time, seconds since 1970 UTC; NaN, negative or beyond year 33658 = unknown.</param>
    /// <param name="raw">At least 32 numbers, within +-1e6, NaN = absent; untouched when the result is false.</param>
    public bool Push(double value, double unixSeconds, Span<double> raw)
    {
        if (!intake.Take(value, out var sample))
            return false;
        baselines.Push(sample);
        if (!sample.IsMissing)
            season.Push(sample.Value, unixSeconds, baselines.Scales.Floor);
        charts.Push(sample, baselines);
        forecast.Push(sample);
        crossings.Push(sample, baselines);
        if (intake.Pushes % Hop != 0)
            return false;
        EndHop(raw);
        return true;
    }

    /// <summary>
    /// Say this when the sensor's clock was set back: the open quarter of an hour is forgotten, or else event times earlier
    /// than it would stay out of the daily pattern until the clock has caught up. Nothing else here depends on time.
    /// </summary>
    public void StepClock() => season.StepClock();

    /// <summary>The newest window and its baseline in raw units.</summary>
    public WindowEvidence Evidence()
    {
        Span<double> room = stackalloc double[Window];
        var window = baselines.Samples.CopyNewest(room);
        if (window.IsEmpty)
            return new WindowEvidence(0, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        var (min, max) = (window[0], window[0]);
        foreach (var x in window)
            (min, max) = (Math.Min(min, x), Math.Max(max, x));
        var first = intake.First;
        return new WindowEvidence(
            window.Length, first + Newest.Mean(window), first + min, first + max, first + window[0],
            first + baselines.Last1440.Median(LagBeforeWindow), baselines.Last1440.Spread(LagBeforeWindow));
    }

    /// <summary>Copies the newest samples in raw units, oldest first; returns how many, at most 1,440.</summary>
    public int CopyLast(Span<double> destination)
    {
        var copied = baselines.Samples.CopyNewest(destination);
        copied.Reverse();
        foreach (ref var value in copied)
            value += intake.First;
        return copied.Length;
    }

    /// <summary>Whether the sample of this age, 0 (the newest) to 59, was missing; elsewhere the value before is held over it.</summary>
    public bool WasMissing(int age) => intake.WasMissing(age);

    /// <summary>Writes all state, at most <see cref="LargestSnapshot"/> bytes.</summary>
    public void WriteTo(IBufferWriter<byte> destination) => SnapshotFormat.Write(this, destination);

    /// <summary>Restores a sensor, which then goes on bit for bit; false for anything that is not a whole snapshot of this version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> snapshot, [NotNullWhen(true)] out SensorFields? fields) =>
        SnapshotFormat.TryRead(snapshot, out fields);

    /// <summary>Reads or writes the parts in their stored order.</summary>
    internal void Exchange(ref Snapshot snapshot)
    {
        intake.Exchange(ref snapshot);
        baselines.Exchange(ref snapshot);
        snapshot.Require(baselines.Samples.Count == Math.Min(Baselines.Length, intake.Samples));
        season.Exchange(ref snapshot);
        charts.Exchange(ref snapshot);
        forecast.Exchange(ref snapshot);
        crossings.Exchange(ref snapshot);
        ratios.Exchange(ref snapshot);
        steps.Exchange(ref snapshot);
        surprises.Exchange(ref snapshot);
        past.Exchange(ref snapshot);
    }

    private void EndHop(Span<double> raw)
    {
        var board = new Board(stackalloc double[Board.Size]);
        Span<double> room = stackalloc double[LongestRun];
        var newest = baselines.Samples.CopyNewest(room);
        var hadBaseline = baselines.Last120.Exists;
        baselines.EndHop(intake.Raw);
        var scales = baselines.Scales;
        baselines.Measure(board, newest);
        intake.EndHop(board);
        season.EndHop(board);
        charts.EndHop(board, hadBaseline);
        forecast.EndHop(board, hadBaseline, scales);
        crossings.EndHop(board, intake.Samples);
        ratios.EndHop(board, scales.RatioFloor, newest);
        steps.EndHop(board, baselines.Last120, newest);
        board.Clip();
        surprises.EndHop(board);
        past.EndHop(board);
        board.CopyFields(raw);
    }
}
