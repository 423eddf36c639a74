namespace SensorSimulator.Synthesis;

/// <summary>Daily pattern of three harmonics of unit variance, with day-to-day amplitude, weaker days of the week and weather (detection recipe, section 6).</summary>
public static class Seasonal
{
    /// <summary>n samples; <paramref name="period"/> is a day in samples.</summary>
    public static double[] Draw(RandomStream r, int n, double period)
    {
        var days = (int)(n / period) + 3;
        var start = r.Uniform(0, period);
        var s = Harmonics(r, n, period, start);
        Shape(r, s);
        var deviation = Statistics.Deviation(s) + 1e-9;
        var spread = r.Pick(.05, .15, .35);
        var amplitude = Noise.Series(days, _ => Math.Exp(spread * r.Normal()));
        var week = Week(r);
        var shift = r.Integer(0, 7);
        var (weatherSize, weather) = (r.Pick(0, .2, .5, .8), Noise.Autoregressive(r, days, .7));
        for (var i = 0; i < n; i++)
        {
            var day = (i + start) / period;
            var factor = Interpolate(amplitude, day) * week[((int)day + shift) % 7];
            s[i] = (s[i] / deviation * factor) + (weatherSize * Interpolate(weather, day));
        }

        return s;
    }

    private static double[] Harmonics(RandomStream r, int n, double period, double start)
    {
        Span<double> normal = [r.Normal(), r.Normal(), r.Normal()];
        var power = r.Uniform(.5, 1.5);
        var weight = new[] { normal[0], normal[1] / Math.Pow(2, power), normal[2] / Math.Pow(3, power) };
        var phase = new[] { r.Uniform(0, 2 * Math.PI), r.Uniform(0, 2 * Math.PI), r.Uniform(0, 2 * Math.PI) };
        return Noise.Series(n, i =>
        {
            var sum = 0.0;
            for (var k = 0; k < 3; k++)
            {
                sum += weight[k] * Math.Sin((2 * Math.PI * (k + 1) * (i + start) / period) + phase[k]);
            }

            return sum;
        });
    }

    private static void Shape(RandomStream r, double[] s)
    {
        if (r.Chance(.25))
        {
            var power = r.Uniform(.3, 1);
            Statistics.Replace(s, v => Math.Sign(v) * Math.Pow(Math.Abs(v), power));
        }

        if (r.Chance(.2))
        {
            var floor = Statistics.Quantile(s, r.Uniform(.2, .6));
            Statistics.Replace(s, v => Math.Max(v, floor));
        }
    }

    private static double[] Week(RandomStream r)
    {
        var week = new double[] { 1, 1, 1, 1, 1, 1, 1 };
        if (r.Chance(.3))
        {
            var (one, other, factor) = (r.Integer(0, 7), r.Integer(0, 7), r.Uniform(.2, .9));
            week[one] = week[other] = factor;
        }

        return week;
    }

    private static double Interpolate(double[] byDay, double day)
    {
        var whole = (int)day;
        return whole + 1 >= byDay.Length ? byDay[^1] : byDay[whole] + ((byDay[whole + 1] - byDay[whole]) * (day - whole));
    }
}
