namespace EdgeGateway.Windows.Fields;

/// <summary>The values of a sliding window in rising order, kept sorted by a search and one block move for each sample. No NaN, no negative zero.</summary>
internal sealed class SortedWindow(int capacity)
{
    private readonly double[] values = new double[capacity];
    private int count;

    public int Capacity => values.Length;

    public int Count => count;

    public bool IsFull => count == values.Length;

    /// <summary>The element of this rank, 0 = smallest.</summary>
    public double this[int rank] => values[rank];

    /// <summary>Middle value, mean of the two middle ones for an even count; at least one value must exist.</summary>
    public double Median => count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;

    public void Add(double value)
    {
        var at = LowerBound(value);
        Array.Copy(values, at, values, at + 1, count - at);
        values[at] = value;
        count++;
    }

    /// <summary>Takes out one value, which must be in the window, and puts in another.</summary>
    public void Replace(double old, double value)
    {
        var from = LowerBound(old);
        var to = LowerBound(value);
        if (to > from)
            Array.Copy(values, from + 1, values, from, --to - from);
        else
            Array.Copy(values, to, values, to + 1, from - to);
        values[to] = value;
    }

    /// <summary>Median of the absolute distances from a centre, in O(log count).</summary>
    public double MedianDistance(double centre) => count % 2 == 1
        ? Distance(centre, count / 2)
        : (Distance(centre, count / 2 - 1) + Distance(centre, count / 2)) / 2;

    /// <summary>Makes the window from values in any order: what a restored sensor does instead of storing it.</summary>
    public void Rebuild(ReadOnlySpan<double> unsorted)
    {
        unsorted.CopyTo(values);
        count = unsorted.Length;
        values.AsSpan(0, count).Sort();
    }

    // The rank + 1 values nearest to the centre are neighbours in rising order. Of all runs of that length the nearest is
    // where the farther end is least far: left of it the low end decides, right of it the high end.
    private double Distance(double centre, int rank)
    {
        var low = 0;
        var high = count - rank - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (values[middle + rank] - centre >= centre - values[middle])
                high = middle;
            else
                low = middle + 1;
        }
        var distance = Math.Max(values[low + rank] - centre, centre - values[low]);
        return low == 0 ? distance : Math.Min(distance, Math.Max(values[low - 1 + rank] - centre, centre - values[low - 1]));
    }

    private int LowerBound(double value)
    {
        var low = 0;
        var length = count;
        while (length > 0)
        {
            var half = length / 2;
            if (values[low + half] < value)
            {
                low += half + 1;
                length -= half + 1;
            }
            else
            {
                length = half;
            }
        }
        return low;
    }
}
