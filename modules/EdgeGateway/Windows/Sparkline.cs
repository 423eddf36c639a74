using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Windows;

/// <summary>A window as a line of text.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";
    private const int Width = 20;

    /// <summary>The newest 60 samples in 20 bars from the lowest to the highest; shorter series give fewer bars.</summary>
    public static string Of(SensorFields fields)
    {
        Span<double> window = stackalloc double[WindowSummary.Length];
        return Of(window[..fields.CopyLast(window)]);
    }

    /// <summary>Any finite values in at most 20 bars; each bar is the mean of its share.</summary>
    public static string Of(ReadOnlySpan<double> values)
    {
        Span<double> bars = stackalloc double[Math.Min(Width, values.Length)];
        Span<char> text = stackalloc char[bars.Length];
        for (var i = 0; i < bars.Length; i++)
        {
            var (from, to) = (i * values.Length / bars.Length, (i + 1) * values.Length / bars.Length);
            bars[i] = Mean(values[from..to]);
        }

        var (low, high) = Extent(bars);
        for (var i = 0; i < bars.Length; i++)
        {
            text[i] = Bars[high > low ? (int)Math.Min(Bars.Length - 1, (bars[i] - low) / (high - low) * Bars.Length) : 3];
        }

        return new string(text);
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value / values.Length;
        }

        return sum;
    }

    private static (double Low, double High) Extent(ReadOnlySpan<double> values)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        return (low, high);
    }
}
