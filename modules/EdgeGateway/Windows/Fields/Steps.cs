namespace EdgeGateway.Windows.Fields;

/// <summary>The difference of medians of two adjacent groups of 8 samples, ending now and 5 samples ago, in spreads of two hops ago.</summary>
internal sealed class Steps
{
    private const int Group = 8;
    private const int SamplesNeeded = 30;

    private readonly Ring steps = new(6);

    public void EndHop(Board board, Baseline baseline, ReadOnlySpan<double> newest)
    {
        var step = newest.Length >= SamplesNeeded
            ? Math.Max(Between(newest), Between(newest[5..])) / baseline.Spread(2)
            : double.NaN;
        steps.Add(step);
        board[Quantity.Step] = step;
        board[Quantity.LargestStep] = double.NaN;
        foreach (var past in steps.CopyPresent(0, stackalloc double[6]))
            board[Quantity.LargestStep] = double.MaxNumber(board[Quantity.LargestStep], past);
    }

    public void Exchange(ref Snapshot snapshot) => steps.Exchange(ref snapshot, mayBeAbsent: true);

    private static double Between(ReadOnlySpan<double> newest)
    {
        Span<double> groups = stackalloc double[2 * Group];
        newest[..groups.Length].CopyTo(groups);
        return Math.Abs(Selection.Median(groups[..Group]) - Selection.Median(groups[Group..]));
    }
}
