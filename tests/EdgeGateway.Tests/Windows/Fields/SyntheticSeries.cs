namespace EdgeGateway.Tests.Windows.Fields;

/// <summary>Our own recording: a daily sine with noise of a small congruential generator, rounded, with faults, gaps and clock steps.</summary>
internal static class SyntheticSeries
{
    private const double Quarter = 900;

    public static List<(double Seconds, double Value)> Make(int count)
    {
        var state = 12345u;
        double Noise()
        {
            state = state * 1664525u + 1013904223u;
            return (state >> 8) / (double)(1 << 24) - 0.5;
        }
        var series = new List<(double, double)>();
        for (var i = 0; i < count; i++)
        {
            var value = Math.Round(20 + 5 * Math.Sin(2 * Math.PI * i / 96) + Noise() + Noise(), 2);
            series.Add((1.7e9 + Quarter * i + ClockError(i), WithFault(i, value, series)));
        }
        return series;
    }

    private static double ClockError(int i) => i switch
    {
        500 or 501 => -5000,
        >= 1800 => 2 * 86400 + 300,
        _ => 0,
    };

    private static double WithFault(int i, double value, List<(double Seconds, double Value)> before) => i switch
    {
        < 7 => double.NaN,
        640 or 641 => value + 30,
        >= 900 and < 960 => value + 6,
        >= 1100 and < 1180 => before[1099].Value,
        >= 1300 and < 1420 when i % 3 != 0 => double.NaN,
        >= 1430 and < 1500 => double.PositiveInfinity,
        >= 1600 and < 1700 => value + 0.05 * (i - 1600),
        >= 1900 and < 1960 => 20 + 4 * (value - 20),
        _ => value,
    };
}
