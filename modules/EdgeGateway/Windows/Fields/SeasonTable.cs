namespace EdgeGateway.Windows.Fields;

/// <summary>Means of x per quarter of an hour of the last 8 days with data (UTC), by day number and quarter.</summary>
internal sealed class SeasonTable
{
    public const int SlotsPerDay = 96;
    public const long NoDay = -1;

    private const int Days = 8;
    private const int EarlierDays = 7;

    private readonly long[] dayOfRow = [NoDay, NoDay, NoDay, NoDay, NoDay, NoDay, NoDay, NoDay];
    private readonly double[] means = new double[Days * SlotsPerDay]; // NaN = no data; a row without a day means nothing

    /// <summary>The means of the same quarter on the seven days before, as far as they exist, newest day first.</summary>
    public Span<double> SameQuarterBefore(long slot, Span<double> destination)
    {
        var (day, quarter) = (slot / SlotsPerDay, (int)(slot % SlotsPerDay));
        var found = 0;
        for (var earlier = day - 1; earlier >= Math.Max(0, day - EarlierDays); earlier--)
        {
            var row = (int)(earlier % Days);
            var mean = means[row * SlotsPerDay + quarter];
            if (dayOfRow[row] == earlier && !double.IsNaN(mean))
                destination[found++] = mean;
        }
        return destination[..found];
    }

    public void Store(long slot, double mean)
    {
        var (day, quarter) = (slot / SlotsPerDay, (int)(slot % SlotsPerDay));
        var row = (int)(day % Days);
        if (dayOfRow[row] != day)
        {
            dayOfRow[row] = day;
            Row(row).Fill(double.NaN);
        }
        Row(row)[quarter] = mean;
    }

    public void Exchange(ref Snapshot snapshot)
    {
        for (var row = 0; row < Days; row++)
        {
            snapshot.Whole(ref dayOfRow[row], NoDay, Season.LastSlot / SlotsPerDay);
            if (dayOfRow[row] == NoDay)
                continue;
            foreach (ref var mean in Row(row))
                snapshot.NumberOrAbsent(ref mean);
        }
    }

    private Span<double> Row(int row) => means.AsSpan(row * SlotsPerDay, SlotsPerDay);
}
