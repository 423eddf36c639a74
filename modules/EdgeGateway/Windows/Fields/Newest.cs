namespace EdgeGateway.Windows.Fields;

/// <summary>Statistics over a run of samples that lies newest first; sums are taken in that order, as in the recipe's reference.</summary>
internal static class Newest
{
    public static double Mean(ReadOnlySpan<double> run)
    {
        var sum = 0.0;
        foreach (var value in run)
            sum += value;
        return sum / run.Length;
    }

    /// <summary>Sample standard deviation (n - 1) of the newest <paramref name="length"/>, absent below <paramref name="needed"/> values.</summary>
    public static double Deviation(ReadOnlySpan<double> newest, int length, int needed)
    {
        if (newest.Length < needed)
            return double.NaN;
        var run = newest[..Math.Min(length, newest.Length)];
        var mean = Mean(run);
        var sum = 0.0;
        foreach (var value in run)
            sum += (value - mean) * (value - mean);
        return Math.Sqrt(sum / (run.Length - 1));
    }

    /// <summary>Rise of the least-squares line through the newest <paramref name="length"/> samples over that length, absent when there are fewer.</summary>
    public static double Rise(ReadOnlySpan<double> newest, int length)
    {
        if (newest.Length < length)
            return double.NaN;
        var mean = Mean(newest[..length]);
        var centre = (length - 1) / 2.0;
        var sum = 0.0;
        for (var age = 0; age < length; age++)
            sum += (centre - age) * (newest[age] - mean);
        return sum / (length * ((double)length * length - 1.0) / 12.0) * length;
    }

    /// <summary>Mean absolute change from one difference to the next over 20 pairs, absent below 21 differences.</summary>
    public static double Roughness(ReadOnlySpan<double> differences)
    {
        const int Pairs = 20;
        if (differences.Length <= Pairs)
            return double.NaN;
        var sum = 0.0;
        for (var age = 0; age < Pairs; age++)
            sum += Math.Abs(differences[age] - differences[age + 1]);
        return sum / Pairs;
    }
}
