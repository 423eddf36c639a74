namespace EdgeGateway.Tests.Windows.Fields;

/// <summary>Textbook statistics, slow and plain, on lists in the order of time.</summary>
internal static class Plain
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public static double Deviation(IReadOnlyCollection<double> values, int needed)
    {
        if (values.Count < needed)
            return double.NaN;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }

    /// <summary>Standard deviation over n; 0 without values.</summary>
    public static double WholeDeviation(IReadOnlyCollection<double> values) =>
        values.Count < 2 ? 0 : Deviation(values, 2) * Math.Sqrt((values.Count - 1.0) / values.Count);

    public static double Slope(IReadOnlyList<double> values, int needed)
    {
        if (values.Count < needed)
            return double.NaN;
        var (meanTime, mean) = ((needed - 1) / 2.0, values.Average());
        var covariance = values.Select((value, time) => (time - meanTime) * (value - mean)).Sum();
        return covariance / Enumerable.Range(0, needed).Sum(time => (time - meanTime) * (time - meanTime));
    }

    public static double MeanOr(this IReadOnlyCollection<double> values, double otherwise, int needed = 1) =>
        values.Count >= needed ? values.Average() : otherwise;

    /// <summary>The last values, at most this many.</summary>
    public static List<double> Last(this List<double> values, int count) => values[Math.Max(0, values.Count - count)..];

    public static int CountLast(this List<bool> flags, int count) => flags[Math.Max(0, flags.Count - count)..].Count(flag => flag);
}
