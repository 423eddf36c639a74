namespace SensorSimulator.Synthesis;

/// <summary>What a healthy sensor looks like.</summary>
public enum BackgroundKind { Autoregressive, Day, Trend, Square, Count, Walk, Burst, Mix, Modes, Cycle, OnChange, Counter }

/// <summary>Healthy series of twelve kinds (detection recipe, section 6), of about unit scale.</summary>
public static class Background
{
    /// <summary>How often each kind is drawn, in the order of <see cref="BackgroundKind"/>.</summary>
    public static ReadOnlySpan<double> Weights => [.08, .30, .05, .05, .10, .06, .07, .10, .06, .04, .03, .06];

    /// <summary>A series of a drawn kind; <paramref name="step"/> in seconds decides whether a day fits into it.</summary>
    public static (double[] Values, BackgroundKind Kind) Draw(RandomStream r, int n, double step)
    {
        var period = 86400 / step;
        if (!(period >= 24 && period < n / 1.2))
        {
            // a day does not fit: a slow wave, perhaps never seen whole, or a fast one
            period = r.Chance(.5) ? r.LogUniform(900, 20000) : r.LogUniform(40, 900);
        }

        var size = Noise.Size(r, n, period);
        var noise = Noise.Draw(r, n);
        for (var i = 0; i < n; i++)
        {
            noise[i] *= size[i];
        }

        var kind = (BackgroundKind)r.Weighted(Weights);
        return (Draw(kind, r, n, period, noise), kind);
    }

    /// <summary>A series of one kind with its own <paramref name="noise"/> (unit scale); <paramref name="period"/> of its waves in samples.</summary>
    public static double[] Draw(BackgroundKind kind, RandomStream r, int n, double period, double[] noise) => kind switch
    {
        BackgroundKind.Autoregressive => Sum(Noise.Autoregressive(r, n, r.Pick(0, .5, .9, .98, .995, .998)), noise, r.LogUniform(.01, .5)),
        BackgroundKind.Day => Day(r, n, period, noise),
        BackgroundKind.Trend => Trend(r, n, period, noise),
        BackgroundKind.Square => Square(r, n, noise),
        BackgroundKind.Count => Count(r, n, period),
        BackgroundKind.Walk => Walk(r, n, noise),
        BackgroundKind.Burst => Burst(r, n, noise),
        BackgroundKind.Mix => Mix(r, n, period, noise),
        BackgroundKind.Modes => Modes(r, n, noise),
        BackgroundKind.Cycle => Cycle(r, n, noise),
        BackgroundKind.OnChange => OnChange(r, n, period, noise),
        _ => Counter(r, n, noise),
    };

    /// <summary>Mostly read far more often than it changes, as rooms, rivers and the air are: the noise between two samples may be a thousandth of the day's wave.</summary>
    private static double[] Day(RandomStream r, int n, double period, double[] noise)
    {
        var (wave, height, share) = (Seasonal.Draw(r, n, period), r.Uniform(1, 6), r.LogUniform(.004, .6));
        var (slowShare, slow) = (r.Uniform(0, .5), Noise.Autoregressive(r, n, r.Pick(.99, .997, .9993)));
        return Noise.Series(n, i => (wave[i] * height) + (share * noise[i]) + (slowShare * slow[i]));
    }

    private static double[] Trend(RandomStream r, int n, double period, double[] noise)
    {
        var (rise, wave, height) = (r.Normal() * 8, Seasonal.Draw(r, n, period), r.Uniform(0, 2));
        return Noise.Series(n, i => ((double)i / n * rise) + noise[i] + (wave[i] * height));
    }

    /// <summary>Duty cycle, half of them with an uneven clock.</summary>
    private static double[] Square(RandomStream r, int n, double[] noise)
    {
        var (width, duty, uneven) = (r.LogUniform(20, 200), r.Uniform(.2, .8), r.Chance(.5) ? .1 : 0);
        var (height, clock) = (r.Uniform(2, 8), 0.0);
        var square = Noise.Series(n, _ =>
        {
            clock += (1 + (uneven * r.Normal())) / width;
            return clock - Math.Floor(clock) < duty ? height : 0;
        });
        return Sum(Noise.Smooth(square, r.Pick(0, .5, .9)), noise, r.Uniform(.03, .5));
    }

    private static double[] Count(RandomStream r, int n, double period)
    {
        var (level, height, wave) = (r.Uniform(-1, 4.5), r.Uniform(.2, 1) * r.Integer(0, 2), Seasonal.Draw(r, n, period));
        var (slowShare, slow) = (.2 * r.Integer(0, 2), Noise.Autoregressive(r, n, .9));
        var x = Noise.Series(n, i => r.Poisson(Math.Clamp(Math.Exp(level + (height * wave[i]) + (slowShare * slow[i])), 0, 1e5)));
        if (r.Chance(.3))
        {
            Statistics.Replace(x, v => r.Chance(.02) ? v * r.Uniform(1.5, 3) : v);
        }

        return x;
    }

    /// <summary>Random walk, 60 % of them pulled back slowly.</summary>
    private static double[] Walk(RandomStream r, int n, double[] noise)
    {
        var (size, share, at) = (r.Uniform(.02, .2), r.LogUniform(.003, 1), 0.0);
        var x = Noise.Series(n, i => ((at += r.Normal()) * size) + (noise[i] * share));
        return r.Chance(.6) ? Sum(x, Noise.Smooth(x, .998), -1) : x;
    }

    /// <summary>Bursts that are frequent enough to be seen before the first fault.</summary>
    private static double[] Burst(RandomStream r, int n, double[] noise)
    {
        var (calm, decay) = (Noise.Autoregressive(r, n, .9), r.Pick(0, .5, .8, .95));
        var (rate, mean, level) = (r.LogUniform(.008, .08), r.Uniform(2, 8), 0.0);
        return Noise.Series(n, i =>
        {
            level = (decay * level) + (r.Chance(rate) ? r.Exponential(mean) : 0);
            return (calm[i] * .3) + level + (.2 * noise[i]);
        });
    }

    private static double[] Mix(RandomStream r, int n, double period, double[] noise)
    {
        var (wave, walkSize, at, mean) = (Seasonal.Draw(r, n, period), .05 * r.Integer(0, 2), 0.0, r.Uniform(1, 4));
        return Noise.Series(n, i => (wave[i] * 2) + ((at += r.Normal()) * walkSize) + (noise[i] * .4) + (r.Chance(.015) ? r.Exponential(mean) : 0));
    }

    /// <summary>Operating modes with their own level and noise, revisited often.</summary>
    private static double[] Modes(RandomStream r, int n, double[] noise)
    {
        var count = r.Integer(2, 6);
        var height = r.Uniform(1, 5);
        var levels = Noise.Series(count, _ => r.Normal() * height);
        var spreads = Noise.Series(count, _ => Math.Exp(.7 * r.Normal()) * .3);
        var (dwell, mode) = (r.LogUniform(15, 120), 0);
        var modes = new int[n];
        for (var i = 1; i < n; i++)
        {
            mode = r.Chance(1 / dwell) ? r.Integer(0, count) : mode;
            modes[i] = mode;
        }

        var x = Noise.Smooth(Noise.Series(n, i => levels[modes[i]]), r.Pick(0, .6, .9), start: levels[0]);
        return Noise.Series(n, i => x[i] + (spreads[modes[i]] * noise[i]));
    }

    /// <summary>Saw tooth: fill and empty, heat and cool.</summary>
    private static double[] Cycle(RandomStream r, int n, double[] noise)
    {
        var (width, uneven, share) = (r.LogUniform(15, 300), Noise.Autoregressive(r, n, .99), r.Uniform(.2, .9));
        var (height, noiseShare, clock) = (r.Uniform(1, 5), r.Uniform(.02, .3), 0.0);
        return Noise.Series(n, i =>
        {
            clock += Math.Abs(1 + (.15 * uneven[i])) / width;
            var phase = clock - Math.Floor(clock);
            return ((phase < share ? phase / share : (1 - phase) / (1 - share)) * height) + (noise[i] * noiseShare);
        });
    }

    /// <summary>Reports only when the value moved by more than a dead band.</summary>
    private static double[] OnChange(RandomStream r, int n, double period, double[] noise)
    {
        var (wave, height, slow) = (Seasonal.Draw(r, n, period), r.Uniform(1, 4), Noise.Autoregressive(r, n, .98));
        var (band, held) = (r.Uniform(.1, .6), double.NaN);
        var x = Noise.Series(n, i =>
        {
            var value = (wave[i] * height) + slow[i] + (.1 * noise[i]);
            held = double.IsNaN(held) || Math.Abs(value - held) > band ? value : held;
            return held;
        });
        var digits = r.Integer(1, 4);
        Statistics.Replace(x, v => Math.Round(v, digits));
        return x;
    }

    /// <summary>A meter's differences with pauses, 40 % of them its running total.</summary>
    private static double[] Counter(RandomStream r, int n, double[] noise)
    {
        var (gate, limit, level, total) = (Noise.Autoregressive(r, n, .99), r.Uniform(-1.5, .5), r.Uniform(2, 10), 0.0);
        var x = Noise.Series(n, i => gate[i] > limit ? Math.Max(0, level + noise[i]) : 0);
        return r.Chance(.4) ? Noise.Series(n, i => (total += x[i]) / 50) : x;
    }

    private static double[] Sum(double[] x, double[] y, double share) => Noise.Series(x.Length, i => x[i] + (share * y[i]));
}
