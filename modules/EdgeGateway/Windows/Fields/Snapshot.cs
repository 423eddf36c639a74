using System.Buffers.Binary;

namespace EdgeGateway.Windows.Fields;

/// <summary>
/// A cursor over the stored form of a sensor. Each part of the state has one method that serves both ways, so reading and
/// writing cannot drift apart. Little endian. After the first value that cannot be, the cursor is bad: it reads nothing more.
/// </summary>
internal ref struct Snapshot
{
    private const double Largest = 1e40; // values are within 4e15 and squares within 2e31: with this no sum overflows

    private readonly Span<byte> target;
    private readonly ReadOnlySpan<byte> source;

    /// <summary>Begins to write into a buffer that is large enough.</summary>
    public Snapshot(Span<byte> target)
    {
        this.target = target;
        Writing = true;
    }

    /// <summary>Begins to read.</summary>
    public Snapshot(ReadOnlySpan<byte> source) => this.source = source;

    public bool Writing { get; }

    public bool IsBad { get; private set; }

    /// <summary>Bytes read or written so far.</summary>
    public int Position { get; private set; }

    /// <summary>True when everything was read, was possible, and nothing is left.</summary>
    public readonly bool IsComplete => !IsBad && Position == source.Length;

    /// <summary>A finite number.</summary>
    public void Number(ref double value)
    {
        if (Exchange(ref value) && !(Math.Abs(value) <= Largest))
            Refuse(out value);
    }

    /// <summary>A finite number or NaN, with the very bits it had.</summary>
    public void NumberOrAbsent(ref double value)
    {
        if (Exchange(ref value) && Math.Abs(value) > Largest)
            Refuse(out value);
    }

    /// <summary>A finite number, zero or more.</summary>
    public void NotNegative(ref double value)
    {
        Number(ref value);
        Require(value >= 0);
    }

    /// <summary>A whole number from min to max, in four bytes.</summary>
    public void Whole(ref int value, int min, int max)
    {
        long wide = value;
        Whole(ref wide, min, max, sizeof(int));
        value = (int)wide;
    }

    /// <summary>A whole number from min to max, in eight bytes.</summary>
    public void Whole(ref long value, long min, long max) => Whole(ref value, min, max, sizeof(long));

    /// <summary>A whole number from min to max within -128 .. 127, in one byte.</summary>
    public void Small(ref sbyte value, sbyte min, sbyte max)
    {
        long wide = value;
        Whole(ref wide, min, max, sizeof(sbyte));
        value = (sbyte)wide;
    }

    /// <summary>A set of bits below <paramref name="width"/>, in eight bytes.</summary>
    public void Mask(ref ulong bits, int width)
    {
        var wide = (long)bits;
        Whole(ref wide, 0, (1L << width) - 1);
        bits = (ulong)wide;
    }

    /// <summary>A finite count of zero or more, in four bytes.</summary>
    public void Count(ref float value)
    {
        if (!Fits(sizeof(float)))
            return;
        if (Writing)
            BinaryPrimitives.WriteSingleLittleEndian(target[Position..], value);
        else
            value = BinaryPrimitives.ReadSingleLittleEndian(source[Position..]);
        Position += sizeof(float);
        Require(float.IsFinite(value) && value >= 0);
    }

    /// <summary>A rule between values that were read; the snapshot is refused where it does not hold.</summary>
    public void Require(bool rule) => IsBad |= !rule;

    private bool Exchange(ref double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        Whole(ref bits, long.MinValue, long.MaxValue);
        value = BitConverter.Int64BitsToDouble(bits);
        return !IsBad;
    }

    private void Whole(ref long value, long min, long max, int bytes)
    {
        if (!Fits(bytes))
        {
            value = min;
            return;
        }
        if (Writing)
            Put(value, bytes);
        else
            value = Take(bytes);
        Position += bytes;
        if (value < min || value > max)
        {
            IsBad = true;
            value = min;
        }
    }

    private readonly void Put(long value, int bytes)
    {
        for (var i = 0; i < bytes; i++)
            target[Position + i] = (byte)(value >> (8 * i));
    }

    private readonly long Take(int bytes)
    {
        var value = 0L;
        for (var i = 0; i < bytes; i++)
            value |= (long)source[Position + i] << (8 * i);
        var unused = 64 - 8 * bytes;
        return value << unused >> unused; // extends the sign
    }

    private bool Fits(int bytes)
    {
        IsBad |= !Writing && source.Length - Position < bytes;
        return !IsBad;
    }

    private void Refuse(out double value)
    {
        IsBad = true;
        value = 0;
    }
}
