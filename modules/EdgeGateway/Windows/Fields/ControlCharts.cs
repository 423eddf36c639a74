using System.Diagnostics;

namespace EdgeGateway.Windows.Fields;

/// <summary>
/// Each sample against the baselines of the last hop end: largest and held distances, a moving-average chart, a slow
/// cumulative sum, counts of far samples. What the largest of a hop were is taken at its end and begun anew.
/// </summary>
internal sealed class ControlCharts
{
    private const int Held = 10;
    private const double Far = 3.5;

    private readonly Ring heldScores = new(Held);
    private readonly Ring heldAverages = new(Held);
    private readonly Ring farCounts120 = new(72);
    private readonly Ring farCounts1440 = new(6);
    private double average;
    private double up;
    private double down;
    private HopPeaks peaks;

    public void Push(in Sample sample, Baselines baselines)
    {
        var z120 = baselines.Last120.Score(sample.Value);
        var z1440 = baselines.Last1440.Score(sample.Value);
        Highest(ref peaks.Z360, Math.Abs(baselines.Last360.Score(sample.Value)));
        Highest(ref peaks.Z1440, Math.Abs(z1440));
        Highest(ref peaks.Difference, Math.Abs(sample.Difference) / baselines.Scales.DifferenceUnit);
        peaks.Far120 += Math.Abs(z120) > Far ? 1 : 0;
        peaks.Far1440 += Math.Abs(z1440) > Far ? 1 : 0;
        average += 0.2 * (Math.Clamp(z120, -50, 50) - average);
        heldScores.Add(Math.Abs(z1440));
        heldAverages.Add(3 * Math.Abs(average));
        if (heldScores.IsFull)
        {
            Highest(ref peaks.HeldScore, heldScores.Min());
            Highest(ref peaks.HeldAverage, heldAverages.Min());
        }
        Accumulate(Math.Clamp(z1440, -10, 10));
    }

    /// <param name="board">Where the quantities go.</param>
    /// <param name="had">A baseline existed during this hop; without one they are absent.</param>
    public void EndHop(Board board, bool had)
    {
        farCounts120.Add(peaks.Far120);
        farCounts1440.Add(peaks.Far1440);
        board[Quantity.LargestZ360] = had ? peaks.Z360 : double.NaN;
        board[Quantity.LargestZ1440] = had ? peaks.Z1440 : double.NaN;
        board[Quantity.HeldZ1440] = had ? peaks.HeldScore : double.NaN;
        board[Quantity.Ewma] = had ? peaks.HeldAverage : double.NaN;
        board[Quantity.Cusum] = had ? peaks.Cusum : double.NaN;
        board[Quantity.LargestDifference] = had ? peaks.Difference : double.NaN;
        board[Quantity.Far120] = had ? farCounts120.SumOfNewest(6) : double.NaN;
        board[Quantity.Far1440] = had ? farCounts1440.SumOfNewest(6) : double.NaN;
        board[Quantity.FarRecently] = had ? farCounts120.MeanOfNewest(72) / SensorFields.Hop : double.NaN;
        peaks = default;
    }

    public void Exchange(ref Snapshot snapshot)
    {
        heldScores.Exchange(ref snapshot);
        heldAverages.Exchange(ref snapshot);
        farCounts120.Exchange(ref snapshot);
        farCounts1440.Exchange(ref snapshot);
        snapshot.Number(ref average);
        snapshot.NotNegative(ref up);
        snapshot.NotNegative(ref down);
        peaks.Exchange(ref snapshot);
    }

    private void Accumulate(double score)
    {
        const double Slack = 2;
        const double Restart = 200;
        up = Math.Max(0, up + score - Slack);
        down = Math.Max(0, down - score - Slack);
        Highest(ref peaks.Cusum, Math.Max(up, down));
        up = up > Restart ? 0 : up;
        down = down > Restart ? 0 : down;
    }

    private static void Highest(ref double peak, double value)
    {
        Debug.Assert(!double.IsNaN(value));
        peak = Math.Max(peak, value);
    }

    private struct HopPeaks
    {
        public double Z360, Z1440, HeldScore, HeldAverage, Cusum, Difference;
        public int Far120, Far1440;

        public void Exchange(ref Snapshot snapshot)
        {
            snapshot.NotNegative(ref Z360);
            snapshot.NotNegative(ref Z1440);
            snapshot.NotNegative(ref HeldScore);
            snapshot.NotNegative(ref HeldAverage);
            snapshot.NotNegative(ref Cusum);
            snapshot.NotNegative(ref Difference);
            snapshot.Whole(ref Far120, 0, SensorFields.Hop);
            snapshot.Whole(ref Far1440, 0, SensorFields.Hop);
        }
    }
}
