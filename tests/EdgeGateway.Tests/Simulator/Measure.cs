using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGateway.Tests.Simulator;

/// <summary>Plain definitions that the simulator's series are held against.</summary>
internal static class Measure
{
    public static double Deviation(IReadOnlyCollection<double> x)
    {
        var mean = x.Average();
        return Math.Sqrt(x.Average(v => (v - mean) * (v - mean)));
    }

    /// <summary>Largest less smallest.</summary>
    public static double Range(IReadOnlyCollection<double> x) => x.Max() - x.Min();

    public static double Median(IEnumerable<double> x)
    {
        var sorted = x.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static double Correlation(IReadOnlyCollection<double> x, IReadOnlyCollection<double> y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Average() / (Deviation(x) * Deviation(y));
    }

    public static double Skewness(IReadOnlyCollection<double> x)
    {
        var (mean, deviation) = (x.Average(), Deviation(x));
        return x.Average(v => Math.Pow((v - mean) / deviation, 3));
    }

    public static double[] Differences(double[] x) => [.. x.Skip(1).Zip(x, (later, earlier) => later - earlier)];

    /// <summary>1.4826 times the median distance of what a running mean over 31 samples leaves, and a hundredth of the whole spread.</summary>
    public static double LocalNoise(double[] x)
    {
        var rest = x.Select((v, i) => v - (x[Math.Max(0, i - 30)..(i + 1)].Sum() / 31)).ToArray();
        var median = Median(rest);
        return (1.4826 * Median(rest.Select(v => Math.Abs(v - median)))) + (.01 * Deviation(x));
    }

    /// <summary>Fingerprint of numbers to six digits: what platforms agree on.</summary>
    public static string Fingerprint(IEnumerable<double> x) => Fingerprint(Encoding.ASCII.GetBytes(string.Join(' ', x.Select(v => v.ToString("G6", CultureInfo.InvariantCulture)))));

    public static string Fingerprint(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));

    /// <summary>Asserts that a count is within 4.5 standard deviations of what the probability lets one expect.</summary>
    public static void AssertShare(double probability, int count, int of, string what)
    {
        var limit = (4.5 * Math.Sqrt(of * probability * (1 - probability))) + 1;
        Assert.True(Math.Abs(count - (of * probability)) <= limit, $"{what}: {count} of {of}, expected {of * probability:0} within {limit:0}");
    }
}
