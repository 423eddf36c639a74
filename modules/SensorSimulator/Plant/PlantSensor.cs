using SensorSimulator.Synthesis;

namespace SensorSimulator.Plant;

/// <summary>One kind of sensor of the simulated plant: a healthy series and how it is reported.</summary>
/// <param name="Asset">Asset it belongs to; sensors of one asset share a payload.</param>
/// <param name="Name">Name of the value in the payload.</param>
/// <param name="Unit">Unit for people.</param>
/// <param name="Background">Which kind of background it is.</param>
/// <param name="Center">Value about which it moves, in the unit.</param>
/// <param name="Scale">Size of its usual movement, in the unit.</param>
/// <param name="Digits">Decimals that it reports.</param>
public sealed record PlantSensor(string Asset, string Name, string Unit, BackgroundKind Background, double Center, double Scale, int Digits)
{
    /// <summary>The sensors of the plant: twelve kinds of machine, healthy and in steady work, so that what is normal has been seen within minutes.</summary>
    public static readonly PlantSensor[] All =
    [
        new("line1/pump1", "pressure", "bar", BackgroundKind.Autoregressive, 4.2, .08, 3),
        new("line1/pump1", "flow", "l/min", BackgroundKind.Mix, 31, .6, 2),
        new("line1/motor", "current", "A", BackgroundKind.Day, 12.4, .7, 2),
        new("line1/tank", "level", "%", BackgroundKind.Cycle, 55, 18, 1),
        new("line1/conveyor", "items", "1/s", BackgroundKind.Count, 24, 1, 0),
        new("line2/compressor", "power", "kW", BackgroundKind.Square, 7.5, 3, 2),
        new("line2/bearing", "vibration", "mm/s", BackgroundKind.Burst, 1.4, .09, 3),
        new("line2/valve", "position", "%", BackgroundKind.Modes, 40, 9, 1),
        new("line2/reactor", "ph", "pH", BackgroundKind.Walk, 7.1, .05, 2),
        new("hall/air", "temperature", "°C", BackgroundKind.Trend, 21.5, .5, 2),
        new("hall/door", "humidity", "%", BackgroundKind.OnChange, 46, 2.5, 1),
        new("hall/meter", "energy", "Wh", BackgroundKind.Counter, 18, 2, 1),
    ];

    /// <summary>A healthy series of n samples, one a second, in the unit.</summary>
    public double[] Healthy(RandomStream r, int n)
    {
        var x = Shape(r, n);
        for (var i = 0; i < n; i++)
        {
            x[i] = Center + (Scale * x[i]);
        }

        return x;
    }

    /// <summary>The value as the sensor reports it.</summary>
    public double Report(double value) => Math.Round(value, Digits);

    /// <summary>
    /// Steady forms of the backgrounds, of about unit size: the noise of a healthy machine keeps its size, and every mode, cycle and burst comes back within a few minutes.
    /// </summary>
    private double[] Shape(RandomStream r, int n)
    {
        var (phase, noise) = (r.Uniform(0, 2 * Math.PI), Noise.Autoregressive(r, n, .5));
        switch (Background)
        {
            case BackgroundKind.Autoregressive:
                return Noise.Autoregressive(r, n, .7);
            case BackgroundKind.Mix:
                return Noise.Series(n, i => (.8 * Math.Sin((2 * Math.PI * i / 120) + phase)) + (.5 * noise[i]));
            case BackgroundKind.Day:
                return Noise.Series(n, i => Math.Sin((2 * Math.PI * i / 240) + phase) + (.3 * Math.Sin((4 * Math.PI * i / 240) + (2 * phase))) + (.25 * noise[i]));
            case BackgroundKind.Trend:
                return Noise.Series(n, i => Math.Sin((2 * Math.PI * i / 300) + phase) + (.2 * noise[i]));
            case BackgroundKind.Cycle:
                return Noise.Series(n, i => Saw((i / 90.0) + phase, .7) + (.05 * noise[i]));
            case BackgroundKind.Square:
                return Noise.Smooth(Noise.Series(n, i => ((i / 60.0) + phase) % 1 < .55 ? .8 : -.8), .5).Select((v, i) => v + (.06 * noise[i])).ToArray();
            case BackgroundKind.Count:
                return Noise.Series(n, _ => r.Poisson(24) - 24);
            case BackgroundKind.Burst:
                return Bursts(r, n, noise);
            case BackgroundKind.Modes:
                return Modes(r, n, noise);
            case BackgroundKind.Walk:
                return Noise.Autoregressive(r, n, .9).Select((v, i) => v + (.3 * noise[i])).ToArray();
            case BackgroundKind.OnChange:
                return Held(Noise.Autoregressive(r, n, .9), .4);
            default:
                return Noise.Series(n, i => Math.Max(-5, (.7 * Math.Sin((2 * Math.PI * i / 180) + phase)) + (.6 * noise[i])));
        }
    }

    private static double Saw(double clock, double share)
    {
        var at = clock - Math.Floor(clock);
        return (2 * (at < share ? at / share : (1 - at) / (1 - share))) - 1;
    }

    private static double[] Bursts(RandomStream r, int n, double[] noise)
    {
        var level = 0.0;
        return Noise.Series(n, i =>
        {
            level = (.6 * level) + (r.Chance(.06) ? r.Uniform(1.5, 4) : 0);
            return level + noise[i];
        });
    }

    private static double[] Modes(RandomStream r, int n, double[] noise)
    {
        double[] levels = [-1.2, 0, 1.3];
        var mode = 0;
        return Noise.Smooth(
            Noise.Series(n, i => levels[mode = i % 30 == 0 && r.Chance(.7) ? (mode + r.Integer(1, 3)) % 3 : mode] + (.1 * noise[i])), .5, levels[0]);
    }

    private static double[] Held(double[] x, double band)
    {
        var held = x[0];
        return Noise.Series(x.Length, i => held = Math.Abs(x[i] - held) > band ? x[i] : held);
    }
}
