using System.Numerics;

namespace EdgeGateway.Windows.Fields;

/// <summary>Turns pushes into samples: finds the missing ones, holds the last value over them, counts repeats (recipe section 2, "Samples").</summary>
internal sealed class Intake
{
    private const double LargestValue = 1e15;
    private const int Remembered = 60;

    private double lastX;
    private ulong finite; // bit k = the sample k places back was finite
    private ulong repeats;
    private long flatRun;

    /// <summary>Pushes so far, also leading missing ones: they drive the hop.</summary>
    public long Pushes { get; private set; }

    /// <summary>Samples since the first finite value.</summary>
    public long Samples { get; private set; }

    /// <summary>The first finite value, taken off everything.</summary>
    public double First { get; private set; }

    /// <summary>The last finite value.</summary>
    public double Raw { get; private set; }

    /// <summary>False as long as nothing finite came.</summary>
    public bool Take(double value, out Sample sample)
    {
        Pushes++;
        sample = default;
        var missing = !(Math.Abs(value) <= LargestValue);
        if (Samples == 0)
        {
            if (missing)
                return false;
            First = value;
        }
        var repeat = Samples > 0 && !missing && value == Raw;
        if (!missing)
            Raw = value;
        Remember(missing, repeat);
        var x = WithoutNegativeZero(Raw - First);
        Samples++;
        sample = new Sample(x, Samples > 1 ? x - lastX : 0, Samples, missing);
        lastX = x;
        return true;
    }

    /// <summary>Whether the sample of this age, 0 to 59, was missing.</summary>
    public bool WasMissing(int age) => (finite >> age & 1) == 0;

    public void EndHop(Board board)
    {
        board[Quantity.Repeats12] = RepeatShare(12);
        board[Quantity.Repeats60] = RepeatShare(60);
        board[Quantity.Flat] = Math.Log2(1 + flatRun);
        var seen = Math.Min(Remembered, Samples);
        board[Quantity.Missing60] = (seen - BitOperations.PopCount(finite)) / (double)seen;
    }

    public void Exchange(ref Snapshot snapshot)
    {
        var (pushes, samples, first, raw) = (Pushes, Samples, First, Raw);
        snapshot.Whole(ref pushes, 0, long.MaxValue / 2);
        snapshot.Whole(ref samples, 0, pushes);
        snapshot.Number(ref first);
        snapshot.Number(ref raw);
        snapshot.Require(Math.Max(Math.Abs(first), Math.Abs(raw)) <= LargestValue);
        snapshot.Mask(ref finite, Remembered);
        snapshot.Mask(ref repeats, Remembered);
        snapshot.Require((repeats & ~finite) == 0 && (samples >= Remembered || finite >> (int)samples == 0));
        snapshot.Whole(ref flatRun, 0, samples);
        (Pushes, Samples, First, Raw) = (pushes, samples, first, raw);
        lastX = WithoutNegativeZero(raw - first);
    }

    private void Remember(bool missing, bool repeat)
    {
        const ulong Mask = (1UL << Remembered) - 1;
        finite = (finite << 1 | (missing ? 0UL : 1UL)) & Mask;
        repeats = (repeats << 1 | (repeat ? 1UL : 0UL)) & Mask;
        if (!missing)
            flatRun = repeat ? flatRun + 1 : 0;
    }

    // Absent when fewer than a quarter are finite.
    private double RepeatShare(int window)
    {
        var mask = (1UL << window) - 1;
        var known = BitOperations.PopCount(finite & mask);
        return 4 * known >= Math.Min(window, Samples) ? BitOperations.PopCount(repeats & mask) / (double)known : double.NaN;
    }

    // Sorted windows must come out alike whatever the order in which they were filled.
    private static double WithoutNegativeZero(double x) => x == 0 ? 0 : x;
}
