using System.Numerics;

namespace EdgeGateway.Windows.Fields;

/// <summary>How often the last 40 samples went through their own short mean, less the usual of the past.</summary>
internal sealed class Crossings
{
    private const int Remembered = 40;
    private const int BaseNeeded = 6;

    private readonly Ring shares = new(76);
    private ulong crossings; // bit k = the sample k places back was a crossing
    private int side;

    /// <param name="sample">The newest sample, already in the baselines.</param>
    /// <param name="baselines">Its past.</param>
    public void Push(in Sample sample, Baselines baselines)
    {
        var above = sample.Value - baselines.Samples.MeanOfNewest(15);
        var tiny = baselines.Scales.Tiny;
        var now = above > tiny ? 1 : above < -tiny ? -1 : 0;
        var crossing = sample.Number > 1 && now != side;
        crossings = (crossings << 1 | (crossing ? 1UL : 0UL)) & ((1UL << Remembered) - 1);
        side = now;
    }

    public void EndHop(Board board, long samples)
    {
        var share = samples >= Remembered ? BitOperations.PopCount(crossings) / (double)Remembered : double.NaN;
        shares.Add(share);
        var past = shares.CopyPresent(4, stackalloc double[72]);
        board[Quantity.Crossings] = past.Length >= BaseNeeded ? share - Selection.Median(past) : double.NaN;
    }

    public void Exchange(ref Snapshot snapshot)
    {
        shares.Exchange(ref snapshot, mayBeAbsent: true);
        snapshot.Mask(ref crossings, Remembered);
        snapshot.Whole(ref side, -1, 1);
    }
}
