namespace SensorSimulator.Synthesis;

/// <summary>
/// A seeded random stream that is the same on every platform and version of .NET, so that a seed names a series for ever: xoshiro256** (Blackman, Vigna 2018), its state
/// filled by SplitMix64.
/// </summary>
public sealed class RandomStream
{
    private ulong s0;
    private ulong s1;
    private ulong s2;
    private ulong s3;
    private double spareNormal = double.NaN;

    /// <summary>The stream of this seed and index; other indexes give independent streams.</summary>
    public RandomStream(ulong seed, ulong index)
    {
        var state = (seed * 0x9E3779B97F4A7C15UL) ^ (index + 0x632BE59BD9B4E019UL);
        s0 = SplitMix(ref state);
        s1 = SplitMix(ref state);
        s2 = SplitMix(ref state);
        s3 = SplitMix(ref state);
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Uniform(double low, double high) => low + ((high - low) * Uniform());

    /// <summary>Uniform in the logarithm, in [low, high); both positive.</summary>
    public double LogUniform(double low, double high) => Math.Exp(Uniform(Math.Log(low), Math.Log(high)));

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>Whole number in [low, high).</summary>
    public int Integer(int low, int high) => low + (int)(Uniform() * (high - low));

    /// <summary>One of these, equally likely.</summary>
    public T Pick<T>(params ReadOnlySpan<T> items) => items[Integer(0, items.Length)];

    /// <summary>Index drawn by weight.</summary>
    public int Weighted(params ReadOnlySpan<double> weights)
    {
        var total = 0.0;
        foreach (var weight in weights)
        {
            total += weight;
        }

        var at = Uniform() * total;
        for (var i = 0; i < weights.Length - 1; i++)
        {
            at -= weights[i];
            if (at < 0)
            {
                return i;
            }
        }

        return weights.Length - 1;
    }

    /// <summary>Standard normal, by Marsaglia's polar method.</summary>
    public double Normal()
    {
        if (!double.IsNaN(spareNormal))
        {
            var spare = spareNormal;
            spareNormal = double.NaN;
            return spare;
        }

        while (true)
        {
            var (u, v) = (Uniform(-1, 1), Uniform(-1, 1));
            var square = (u * u) + (v * v);
            if (square is > 0 and < 1)
            {
                var factor = Math.Sqrt(-2 * Math.Log(square) / square);
                spareNormal = v * factor;
                return u * factor;
            }
        }
    }

    /// <summary>Exponential of this mean.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - Uniform());

    /// <summary>Student's t of whole degrees of freedom.</summary>
    public double StudentT(int degrees)
    {
        var chiSquare = 0.0;
        for (var i = 0; i < degrees; i++)
        {
            var normal = Normal();
            chiSquare += normal * normal;
        }

        return Normal() / Math.Sqrt(chiSquare / degrees);
    }

    /// <summary>Poisson count: by products below a mean of 30, by the rounded normal with continuity above.</summary>
    public double Poisson(double mean)
    {
        if (mean > 30)
        {
            return Math.Max(0, Math.Floor(mean + (Math.Sqrt(mean) * Normal()) + 0.5));
        }

        var (limit, product, count) = (Math.Exp(-mean), Uniform(), 0);
        while (product > limit)
        {
            product *= Uniform();
            count++;
        }

        return count;
    }

    private ulong Next()
    {
        var result = ulong.RotateLeft(s1 * 5, 7) * 9;
        var t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = ulong.RotateLeft(s3, 45);
        return result;
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15UL;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
