using System.Collections.Immutable;

namespace SensorSimulator.Synthesis;

/// <summary>What can go wrong with a sensor.</summary>
public enum FaultKind { Spike, Drift, Shift, Stuck, Noise, Dropout, Oscillation, Gain, Pattern }

/// <summary>One injected fault: the truth that a detector is scored against.</summary>
/// <param name="First">First affected sample.</param>
/// <param name="Last">Last sample of the fault, inclusive; a level may stay changed behind it.</param>
/// <param name="Size">How many times <paramref name="Scale"/> it is large.</param>
/// <param name="Scale">In the units of the series: between the local noise and the whole spread.</param>
public readonly record struct Fault(int First, int Last, FaultKind Kind, double Size, double Scale);

/// <summary>Puts faults into a healthy series (detection recipe, section 6).</summary>
public sealed class FaultInjector
{
    private readonly RandomStream r;
    private readonly double[] x;
    private readonly double whole;
    private readonly double local;

    /// <param name="x">The series, which is changed in place.</param>
    public FaultInjector(RandomStream r, double[] x)
    {
        (this.r, this.x) = (r, x);
        whole = Statistics.Deviation(x) + 1e-9;
        local = LocalNoise(x) + (.01 * whole) + 1e-9;
    }

    /// <summary>How often each kind is drawn, in the order of <see cref="FaultKind"/>.</summary>
    public static ReadOnlySpan<double> Weights => [1.0, 3.2, 1.3, 1.0, 1.4, .8, .7, .8, .6];

    /// <summary>Faults one after another from about sample <paramref name="warm"/> on, with pauses in [shortest, longest) samples between; a quarter of the series has one kind only.</summary>
    public ImmutableArray<Fault> InjectMany(int warm, int shortestPause, int longestPause, double longest)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var at = warm + r.Integer(shortestPause / 2, longestPause);
        FaultKind? only = r.Chance(.25) ? (FaultKind)r.Weighted(Weights) : null;
        while (at < x.Length - 60)
        {
            var kind = only ?? (FaultKind)r.Weighted(Weights);
            var length = (int)r.LogUniform(30, longest);
            faults.Add(Inject(kind, at, length, r.LogUniform(1.5, 9)));
            at = faults[^1].Last + r.Integer(shortestPause, longestPause);
        }

        return faults.ToImmutable();
    }

    /// <summary>Puts in one fault of this size, with a drawn scale and sign; spikes choose their own length.</summary>
    public Fault Inject(FaultKind kind, int at, int length, double size)
    {
        var scale = r.LogUniform(Math.Min(local, .3 * whole), Math.Max(whole, local * 1.01));
        var m = size * (r.Chance(.5) ? 1 : -1);
        var end = Math.Min(x.Length - 1, at + length);
        switch (kind)
        {
            case FaultKind.Spike: end = Spike(at, m * Math.Max(scale, local)); break;
            case FaultKind.Drift: Drift(at, end, length, 1.2 * m * scale); break;
            case FaultKind.Shift: Shift(at, end, m * scale); break;
            case FaultKind.Stuck: Stuck(at, end, scale); break;
            case FaultKind.Noise: AddNoise(at, end, Math.Max(scale, local) * size * .6); break;
            case FaultKind.Dropout: Dropout(at, end); break;
            case FaultKind.Oscillation: Oscillate(at, end, m * scale); break;
            case FaultKind.Gain: Gain(at, end); break;
            default: LosePattern(at, end); break;
        }

        return new Fault(at, end, kind, size, scale);
    }

    /// <summary>1-5 samples; a quarter of them hit 15 % of 20-120 samples.</summary>
    private int Spike(int at, double height)
    {
        var end = Math.Min(x.Length - 1, at + r.Pick(1, 1, 2, 3, 5) - 1);
        if (r.Chance(.25))
        {
            end = Math.Min(x.Length - 1, at + r.Integer(20, 120));
        }

        for (var i = at; i <= end; i++)
        {
            var factor = r.Uniform(.7, 1.3);
            if (end - at < 6 || r.Chance(.15))
            {
                x[i] += 1.6 * height * factor;
            }
        }

        return end;
    }

    private void Drift(int at, int end, int length, double height)
    {
        var form = r.Weighted(.45, .2, .2, .15);
        var power = form == 0 ? r.Pick(1, 1, 1.5, 2, 3) : 1;
        for (var i = at; i <= end; i++)
        {
            var u = (i - at) / (double)Math.Max(1, length);
            x[i] += height * form switch
            {
                0 => Math.Pow(u, power),
                1 => u,
                2 => .4 + (.6 * u),
                _ => Math.Min(1, 2 * Math.Min(u, 1 - u)),
            };
        }

        if (form == 1)
        {
            StayChanged(end, height);
        }
    }

    private void Shift(int at, int end, double height)
    {
        for (var i = at; i <= end; i++)
        {
            x[i] += height;
        }

        if (r.Chance(.3))
        {
            StayChanged(end, height);
        }
    }

    private void StayChanged(int end, double height)
    {
        for (var i = end + 1; i < x.Length; i++)
        {
            x[i] += height;
        }
    }

    private void Stuck(int at, int end, double scale)
    {
        var level = x[at] + (r.Chance(.6) ? 0 : r.Normal() * scale);
        var tremble = r.Chance(.15) ? local * .02 : 0;
        for (var i = at; i <= end; i++)
        {
            x[i] = level + (tremble > 0 ? r.Normal() * tremble : 0);
        }
    }

    private void AddNoise(int at, int end, double height)
    {
        var normal = r.Chance(.7);
        for (var i = at; i <= end; i++)
        {
            x[i] += (normal ? r.Normal() : r.Uniform(-1.7, 1.7)) * height;
        }
    }

    /// <summary>0, missing, below the range or -1; 40 % hit only half of the samples.</summary>
    private void Dropout(int at, int end)
    {
        var value = r.Weighted(.35, .3, .2, .15) switch { 0 => 0.0, 1 => double.NaN, 2 => x.Min() - (.2 * whole), _ => -1.0 };
        var all = r.Chance(.6);
        for (var i = at; i <= end; i++)
        {
            if (all || r.Chance(.5))
            {
                x[i] = value;
            }
        }
    }

    private void Oscillate(int at, int end, double height)
    {
        var period = r.LogUniform(4, 60);
        for (var i = at; i <= end; i++)
        {
            x[i] += height * Math.Sin(2 * Math.PI * (i - at) / period);
        }
    }

    private void Gain(int at, int end)
    {
        var from = Math.Max(0, at - 300);
        var center = Statistics.Quantile(x.AsSpan(from, at + 1 - from), .5);
        var gain = r.Pick(.05, .2, .35, 2.5, 4, 6);
        for (var i = at; i <= end; i++)
        {
            x[i] = center + ((x[i] - center) * gain);
        }
    }

    /// <summary>A straight line with noise where the pattern should be.</summary>
    private void LosePattern(int at, int end)
    {
        var (first, last) = (x[at], x[end]);
        for (var i = at; i <= end; i++)
        {
            x[i] = first + ((last - first) * (i - at) / Math.Max(1, end - at)) + (r.Normal() * local * .7);
        }
    }

    private static double LocalNoise(double[] x)
    {
        var (rest, sum) = (new double[x.Length], 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            sum += x[i] - (i >= 31 ? x[i - 31] : 0);
            rest[i] = x[i] - (sum / 31);
        }

        var median = Statistics.Quantile(rest, .5);
        Statistics.Replace(rest, v => Math.Abs(v - median));
        return 1.4826 * Statistics.Quantile(rest, .5);
    }
}
