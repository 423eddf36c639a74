using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.Simulator;

/// <summary>What the name of each background promises, without the noise on top, typical of fifty seeds or true of all.</summary>
public sealed class BackgroundTests
{
    private const int Samples = 4000;
    private const double Period = 300;

    [Fact]
    public void Autoregressive_noise_stays_about_its_mean()
    {
        Assert.All(Fifty(BackgroundKind.Autoregressive), x => Assert.InRange(Measure.Deviation(x), .5, 2));
        Assert.All(Fifty(BackgroundKind.Autoregressive), x => Assert.InRange(x.Average(), -1.5, 1.5));
    }

    [Fact]
    public void A_day_comes_back() => Assert.InRange(Typical(BackgroundKind.Day, x => Measure.Correlation(x[(int)Period..], x[..^(int)Period])), .6, 1);

    [Fact]
    public void A_trend_goes_with_time() =>
        Assert.InRange(Typical(BackgroundKind.Trend, x => Math.Abs(Measure.Correlation(x, [.. x.Select((_, i) => (double)i)]))), .8, 1);

    [Fact]
    public void A_duty_cycle_is_mostly_at_one_of_two_levels()
    {
        static double AtALevel(double[] x)
        {
            var (low, high, near) = (x.Min(), x.Max(), .1 * Measure.Range(x));
            return x.Count(v => v < low + near || v > high - near) / (double)Samples;
        }

        Assert.InRange(Typical(BackgroundKind.Square, AtALevel), .85, 1);
    }

    [Fact]
    public void Counts_are_whole_and_never_negative()
    {
        Assert.All(Fifty(BackgroundKind.Count), x => Assert.True(x.Min() >= 0));
        Assert.All(Fifty(BackgroundKind.Count), x => Assert.InRange(x.Count(v => v == Math.Floor(v)) / (double)Samples, .95, 1));
    }

    [Fact]
    public void A_walk_takes_small_steps_and_goes_far() =>
        Assert.All(Fifty(BackgroundKind.Walk), x => Assert.InRange(Measure.Deviation(Measure.Differences(x)) / Measure.Deviation(x), 0, .3));

    [Fact]
    public void Bursts_go_up_only() => Assert.InRange(Typical(BackgroundKind.Burst, Measure.Skewness), 1.5, 30);

    [Fact]
    public void A_mixture_is_a_wave_with_single_kicks_upward()
    {
        Assert.All(Fifty(BackgroundKind.Mix), x => Assert.InRange(Enumerable.Range(1, Samples - 2).Count(i => x[i] - Math.Max(x[i - 1], x[i + 1]) > 1), 10, 80));
        Assert.InRange(Typical(BackgroundKind.Mix, x => Measure.Correlation(x[(int)Period..], x[..^(int)Period])), .3, 1);
    }

    [Fact]
    public void Operating_modes_rest_and_come_back()
    {
        static double Resting(double[] x)
        {
            var still = .01 * Measure.Range(x);
            return Measure.Differences(x).Count(d => Math.Abs(d) < still) / (double)Samples;
        }

        Assert.InRange(Typical(BackgroundKind.Modes, Resting), .5, 1);
        Assert.All(Fifty(BackgroundKind.Modes), x => Assert.InRange(x.Where((_, i) => i % 10 == 0).Select(v => Math.Round(v, 2)).GroupBy(v => v).Count(g => g.Count() > 8), 1, 12));
    }

    [Fact]
    public void A_saw_tooth_turns_rarely_and_passes_every_value_alike()
    {
        Assert.All(Fifty(BackgroundKind.Cycle), x => Assert.InRange(Measure.Differences(x).Zip(Measure.Differences(x).Skip(1)).Count(d => d.First * d.Second < 0), 10, 700));
        Assert.All(Fifty(BackgroundKind.Cycle), x => Assert.InRange((Measure.Median(x) - x.Min()) / Measure.Range(x), .4, .6));
    }

    [Fact]
    public void A_sensor_that_reports_on_change_repeats_its_value() =>
        Assert.InRange(Typical(BackgroundKind.OnChange, x => Measure.Differences(x).Count(d => d == 0) / (double)Samples), .4, 1);

    [Fact]
    public void A_meter_pauses_or_only_ever_grows() =>
        Assert.All(Fifty(BackgroundKind.Counter), x => Assert.True(x.Min() >= 0 && (x.Contains(0) || Measure.Differences(x).Min() >= 0)));

    private static double[][] Fifty(BackgroundKind kind) =>
        [.. Enumerable.Range(0, 50).Select(seed => Background.Draw(kind, new RandomStream(3, (ulong)seed), Samples, Period, new double[Samples]))];

    private static double Typical(BackgroundKind kind, Func<double[], double> measure) => Measure.Median(Fifty(kind).Select(measure));
}
