namespace EdgeGateway.Windows.Fields;

/// <summary>A spread now over its own median of the past, in octaves.</summary>
/// <param name="lag">The youngest hop of the past, so that the present does not judge itself.</param>
/// <param name="hops">How many hops the past is long.</param>
/// <param name="needed">Absent with fewer known ones.</param>
internal sealed class OctaveRatio(int lag, int hops, int needed)
{
    private readonly Ring past = new(lag + hops);

    /// <param name="now">The spread at this hop end, NaN = absent.</param>
    /// <param name="floor">Added to both sides.</param>
    public double Next(double now, double floor)
    {
        past.Add(now);
        var known = past.CopyPresent(lag, stackalloc double[hops]);
        return known.Length >= needed ? Math.Log2((now + floor) / (Selection.Median(known) + floor)) : double.NaN;
    }

    public void Exchange(ref Snapshot snapshot) => past.Exchange(ref snapshot, mayBeAbsent: true);
}
