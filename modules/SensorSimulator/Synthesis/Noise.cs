namespace SensorSimulator.Synthesis;

/// <summary>Noise of sensors and the waves under it (detection recipe, section 6). All series have n samples.</summary>
public static class Noise
{
    /// <summary>Autoregressive noise of unit variance: y[t] = phi y[t-1] + sqrt(1 - phi^2) e[t].</summary>
    public static double[] Autoregressive(RandomStream r, int n, double phi)
    {
        var x = new double[n];
        var gain = Math.Sqrt(1 - (phi * phi));
        var y = r.Normal() / Math.Max(1e-3, gain) * gain;
        for (var i = 0; i < n; i++)
        {
            y = i == 0 ? y : (phi * y) + (gain * r.Normal());
            x[i] = y;
        }

        return x;
    }

    /// <summary>First-order lag, starting at rest: y[t] = a y[t-1] + (1 - a) x[t].</summary>
    public static double[] Smooth(double[] x, double a, double start = 0)
    {
        var (y, last) = (new double[x.Length], start);
        for (var i = 0; i < x.Length; i++)
        {
            last = (a * last) + ((1 - a) * x[i]);
            y[i] = last;
        }

        return y;
    }

    /// <summary>Normal, autoregressive, heavy-tailed or mixed noise of about unit variance.</summary>
    public static double[] Draw(RandomStream r, int n)
    {
        switch (r.Weighted(.45, .3, .15, .1))
        {
            case 0:
                return Series(n, _ => r.Normal());
            case 1:
                return Autoregressive(r, n, r.Pick(.3, .6, .8, .9, .95));
            case 2:
                var degrees = r.Pick(3, 4, 6);
                return Series(n, _ => r.StudentT(degrees) / 1.4);
            default:
                var slow = Autoregressive(r, n, .97);
                return Series(n, i => (.7 * slow[i]) + (.7 * r.Normal()));
        }
    }

    /// <summary>Factor on the noise over time: real sensors are rarely equally noisy all day.</summary>
    public static double[] Size(RandomStream r, int n, double period)
    {
        switch (r.Weighted(.25, .25, .4, .1))
        {
            case 0:
                return Series(n, _ => 1);
            case 1:
                var (spread, slow) = (r.Uniform(.2, 1.0), Autoregressive(r, n, r.Pick(.98, .995, .999)));
                return Series(n, i => Math.Exp(spread * slow[i]));
            case 2:
                var (height, phase, power) = (r.LogUniform(.5, 10), r.Uniform(0, 6), r.Uniform(.5, 3));
                return Series(n, i => 1 + (height * Math.Pow(Math.Clamp(Math.Sin((2 * Math.PI * i / period) + phase), 0, 1), power)));
            default:
                var (gate, limit) = (Autoregressive(r, n, .99), r.Uniform(.5, 1.5));
                var loud = r.Uniform(1.5, 4);
                return Series(n, i => gate[i] > limit ? loud : 1);
        }
    }

    /// <summary>A series by formula.</summary>
    public static double[] Series(int n, Func<int, double> value)
    {
        var x = new double[n];
        for (var i = 0; i < n; i++)
        {
            x[i] = value(i);
        }

        return x;
    }
}
