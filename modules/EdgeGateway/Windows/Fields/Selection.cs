namespace EdgeGateway.Windows.Fields;

/// <summary>Medians of short unsorted runs by selection (Hoare's), which reorders the run.</summary>
internal static class Selection
{
    /// <summary>Middle value, mean of the two middle ones for an even count; NaN for an empty run. No NaN inside.</summary>
    public static double Median(Span<double> values)
    {
        if (values.IsEmpty)
            return double.NaN;
        var middle = values.Length / 2;
        var upper = Select(values, middle);
        if (values.Length % 2 == 1)
            return upper;
        var lower = values[0];
        foreach (var value in values[1..middle])
            lower = Math.Max(lower, value);
        return (lower + upper) / 2;
    }

    // Afterwards nothing left of the rank is larger and nothing right of it is smaller.
    private static double Select(Span<double> values, int rank)
    {
        var (first, last) = (0, values.Length - 1);
        while (first < last)
        {
            var (i, j) = Partition(values, first, last);
            if (rank <= j)
                last = j;
            else if (rank >= i)
                first = i;
            else
                break;
        }
        return values[rank];
    }

    private static (int RightPart, int LeftPart) Partition(Span<double> values, int first, int last)
    {
        var pivot = MiddleOfThree(values[first], values[(first + last) / 2], values[last]);
        var (i, j) = (first, last);
        while (i <= j)
        {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i > j)
                break;
            (values[i], values[j]) = (values[j], values[i]);
            i++;
            j--;
        }
        return (i, j);
    }

    private static double MiddleOfThree(double a, double b, double c) =>
        Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
