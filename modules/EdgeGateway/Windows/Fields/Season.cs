namespace EdgeGateway.Windows.Fields;

/// <summary>
/// The mean of each quarter of an hour against the same quarter of up to 7 earlier days (recipe section 2, "Season").
/// Works on closed quarters only: the quantities are those of the quarter that closed last.
/// </summary>
internal sealed class Season
{
    /// <summary>The last quarter of an hour that is believed: year 33658. Later times, and those before 1970, count as unknown.</summary>
    public const long LastSlot = 1_111_111_111;

    private const double SlotSeconds = 900;
    private const long NoSlot = -1;
    private const int Residuals = 672;
    private const int ResidualsNeeded = 24;
    private const int DaysNeeded = 2;

    private readonly SeasonTable table = new();
    private readonly Ring residuals = new(Residuals);
    private long slot = NoSlot;
    private double sum;
    private long count;
    private double distance = double.NaN;
    private double nearest = double.NaN;

    /// <param name="x">A finite sample.</param>
    /// <param name="unixSeconds">Its event time; NaN = unknown, then it is left out.</param>
    /// <param name="floor">The least spread, of the last hop end.</param>
    public void Push(double x, double unixSeconds, double floor)
    {
        if (!(unixSeconds >= 0 && unixSeconds < (LastSlot + 1) * SlotSeconds))
            return;
        var at = (long)Math.Floor(unixSeconds / SlotSeconds);
        if (at < slot)
            return;
        if (at > slot)
        {
            if (count > 0)
                Close(sum / count, floor);
            (slot, sum, count) = (at, 0, 0);
        }
        sum += x;
        count++;
    }

    /// <summary>Forgets the open quarter, so that earlier times are taken again.</summary>
    public void StepClock() => (slot, sum, count) = (NoSlot, 0, 0);

    public void EndHop(Board board)
    {
        board[Quantity.Season] = distance;
        board[Quantity.SeasonNearest] = nearest;
    }

    public void Exchange(ref Snapshot snapshot)
    {
        table.Exchange(ref snapshot);
        residuals.Exchange(ref snapshot);
        snapshot.Whole(ref slot, NoSlot, LastSlot);
        snapshot.Number(ref sum);
        snapshot.Whole(ref count, 0, slot == NoSlot ? 0 : long.MaxValue / 2);
        snapshot.NumberOrAbsent(ref distance);
        snapshot.NumberOrAbsent(ref nearest);
    }

    private void Close(double mean, double floor)
    {
        var past = table.SameQuarterBefore(slot, stackalloc double[7]);
        distance = nearest = double.NaN;
        if (!past.IsEmpty)
            Compare(mean, past, floor);
        table.Store(slot, mean);
    }

    private void Compare(double mean, Span<double> past, double floor)
    {
        var difference = mean - Selection.Median(past);
        if (residuals.Count >= ResidualsNeeded && past.Length >= DaysNeeded)
        {
            var scale = 1.4826 * Selection.Median(residuals.CopyNewest(stackalloc double[Residuals])) + floor;
            distance = difference / scale;
            var least = double.PositiveInfinity;
            foreach (var earlier in past)
                least = Math.Min(least, Math.Abs(mean - earlier));
            nearest = least / scale;
        }
        residuals.Add(Math.Abs(difference));
    }
}
