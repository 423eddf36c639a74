namespace EdgeGateway.Windows.Fields;

/// <summary>The newest values of a series, at most <c>Capacity</c> of them; age 0 is the newest. Absent values are NaN.</summary>
internal sealed class Ring(int capacity)
{
    private readonly double[] values = new double[capacity];
    private int count;
    private int next;

    public int Capacity => values.Length;

    public int Count => count;

    public bool IsFull => count == values.Length;

    /// <summary>The value of an age below <see cref="Count"/>.</summary>
    public double this[int age]
    {
        get
        {
            var index = next - 1 - age;
            return values[index < 0 ? index + values.Length : index];
        }
    }

    public void Add(double value)
    {
        values[next] = value;
        next = next + 1 == values.Length ? 0 : next + 1;
        if (count < values.Length)
            count++;
    }

    /// <summary>The value of this age, NaN when the series is younger.</summary>
    public double Lag(int age) => age < count ? this[age] : double.NaN;

    /// <summary>Copies ages 0, 1, ... to the start of the span, as many as exist and fit; returns the filled part, newest first.</summary>
    public Span<double> CopyNewest(Span<double> destination)
    {
        var copied = Math.Min(count, destination.Length);
        for (var age = 0; age < copied; age++)
            destination[age] = this[age];
        return destination[..copied];
    }

    /// <summary>Copies the ages first .. first + length - 1 that exist and are not absent; returns the filled part.</summary>
    public Span<double> CopyPresent(int first, Span<double> destination)
    {
        var copied = 0;
        for (var age = first; age < Math.Min(count, first + destination.Length); age++)
        {
            var value = this[age];
            if (!double.IsNaN(value))
                destination[copied++] = value;
        }
        return destination[..copied];
    }

    /// <summary>Sum of the newest values, at most <paramref name="length"/> of them, added newest first.</summary>
    public double SumOfNewest(int length)
    {
        var sum = 0.0;
        for (var age = 0; age < Math.Min(count, length); age++)
            sum += this[age];
        return sum;
    }

    /// <summary>Mean of the newest values, at most <paramref name="length"/> of them; at least one must exist.</summary>
    public double MeanOfNewest(int length) => SumOfNewest(length) / Math.Min(count, length);

    public double Min()
    {
        var min = double.PositiveInfinity;
        for (var i = 0; i < count; i++)
            min = Math.Min(min, values[i]);
        return min;
    }

    /// <summary>Reads or writes count and values, oldest first. Where the ring begins in its array is not kept: nothing depends on it.</summary>
    public void Exchange(ref Snapshot snapshot, bool mayBeAbsent = false)
    {
        var stored = count;
        snapshot.Whole(ref stored, 0, Capacity);
        for (var age = stored - 1; age >= 0; age--)
        {
            var value = snapshot.Writing ? this[age] : 0;
            if (mayBeAbsent)
                snapshot.NumberOrAbsent(ref value);
            else
                snapshot.Number(ref value);
            if (!snapshot.Writing)
                Add(value);
        }
    }
}
