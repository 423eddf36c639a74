namespace SensorSimulator.Synthesis;

/// <summary>Plain statistics of whole series.</summary>
internal static class Statistics
{
    /// <summary>Standard deviation (n); NaN values are left out.</summary>
    public static double Deviation(ReadOnlySpan<double> x)
    {
        var (n, mean, sum) = (0, 0.0, 0.0);
        foreach (var v in x)
        {
            if (!double.IsNaN(v))
            {
                n++;
                var delta = v - mean;
                mean += delta / n;
                sum += delta * (v - mean);
            }
        }

        return n == 0 ? 0 : Math.Sqrt(sum / n);
    }

    /// <summary>Quantile by linear interpolation; NaN values are left out.</summary>
    public static double Quantile(ReadOnlySpan<double> x, double q)
    {
        var sorted = new List<double>(x.Length);
        foreach (var v in x)
        {
            if (!double.IsNaN(v))
            {
                sorted.Add(v);
            }
        }

        sorted.Sort();
        var at = q * (sorted.Count - 1);
        var low = (int)at;
        return low + 1 >= sorted.Count ? sorted[^1] : sorted[low] + ((sorted[low + 1] - sorted[low]) * (at - low));
    }

    /// <summary>Replaces each value.</summary>
    public static void Replace(double[] x, Func<double, double> by)
    {
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = by(x[i]);
        }
    }
}
