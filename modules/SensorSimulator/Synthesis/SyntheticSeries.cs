using System.Collections.Immutable;

namespace SensorSimulator.Synthesis;

/// <summary>
/// A generated sensor with labelled faults: what the built-in model is trained on (detection recipe, section 6). The same seed and index give the same series on every
/// machine, to within the last digits of its mathematical functions.
/// </summary>
/// <param name="Values">NaN = missing.</param>
/// <param name="Seconds">Event times, Unix seconds.</param>
public sealed record SyntheticSeries(double[] Values, double[] Seconds, ImmutableArray<Fault> Faults, BackgroundKind Background)
{
    private const int ShortWarmUp = 300;

    /// <summary>Series number <paramref name="index"/> of a seed: 800-6,000 samples, a third of them short, 12 % without a fault.</summary>
    public static SyntheticSeries Generate(ulong seed, int index)
    {
        var r = new RandomStream(seed, (ulong)index);
        var isShort = r.Chance(.33);
        var n = isShort ? r.Integer(800, 1500) : r.Integer(2500, 6000);
        var step = r.Pick<double>(1, 1, 5, 10, 30, 30, 60, 120, 300, 300, 600, 900, 900, 1800, 3600);
        var (x, background) = Synthesis.Background.Draw(r, n, step);
        var (faulty, exponentiated, rounded, roundedFirst) = (!r.Chance(.12), r.Chance(.16), r.Chance(.7), r.Chance(.35));
        var (unit, offset) = (Math.Pow(10, r.Uniform(-2, 3)), r.Pick(0, 0, 1, 3) * r.Normal());
        if (exponentiated)
        {
            var deviation = Statistics.Deviation(x) + 1e-9;
            Statistics.Replace(x, v => Math.Exp(Math.Clamp(v / deviation, -6, 6)));
        }

        if (rounded && roundedFirst)
        {
            Round(r, x, isShort);
        }

        var faults = !faulty ? []
            : isShort ? new FaultInjector(r, x).InjectMany(ShortWarmUp, 180, 700, 400)
            : new FaultInjector(r, x).InjectMany(r.Integer(350, 600), 250, 1500, 600);
        if (rounded && !roundedFirst)
        {
            Round(r, x, isShort);
        }

        Statistics.Replace(x, v => (v * unit) + (offset * unit));
        if (r.Chance(.2) && background is BackgroundKind.Count or BackgroundKind.Burst or BackgroundKind.Counter)
        {
            Statistics.Replace(x, v => double.IsNaN(v) ? v : Math.Max(v, 0));
        }

        return new SyntheticSeries(x, Times(r, x, step), faults, background);
    }

    /// <summary>To a step of .3-20 % of the spread: most sensors report decimals that are fine against what they measure, few are coarse.</summary>
    private static void Round(RandomStream r, double[] x, bool isShort)
    {
        var spread = Statistics.Deviation(isShort ? x.AsSpan(0, Math.Min(400, x.Length)) : x);
        var quantum = (r.LogUniform(.003, .2) * spread) + 1e-9;
        Statistics.Replace(x, v => Math.Round(v / quantum) * quantum);
    }

    /// <summary>Even times with rare pauses of the clock; also takes out ordinary losses, which are no fault.</summary>
    private static double[] Times(RandomStream r, double[] x, double step)
    {
        var start = (86400.0 * r.Integer(15000, 20000)) + r.Uniform(0, 86400);
        var seconds = Noise.Series(x.Length, i => start + (i * step));
        if (r.Chance(.1))
        {
            var rate = r.LogUniform(.001, .01);
            Statistics.Replace(x, v => r.Chance(rate) ? double.NaN : v);
        }

        for (var pauses = r.Chance(.1) ? r.Integer(1, 4) : 0; pauses > 0; pauses--)
        {
            var (from, pause) = (r.Integer(300, x.Length), step * r.LogUniform(5, 200));
            for (var i = from; i < x.Length; i++)
            {
                seconds[i] += pause;
            }
        }

        return seconds;
    }
}
