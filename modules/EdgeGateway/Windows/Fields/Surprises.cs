namespace EdgeGateway.Windows.Fields;

/// <summary>The surprises of all statistics with an own history: the largest, the fifth, and how many are large.</summary>
internal sealed class Surprises
{
    private const int Needed = 8;
    private const double Large = 2;

    private readonly SurpriseHistogram[] histories =
        [.. Enumerable.Range(0, Board.Histories).Select(index => new SurpriseHistogram(IsLog((Quantity)index)))];

    public void EndHop(Board board)
    {
        Span<double> known = stackalloc double[Board.Histories];
        var count = 0;
        var large = 0;
        for (var i = 0; i < histories.Length; i++)
        {
            var surprise = histories[i].Next(board.WithHistory[i]);
            board.Surprises[i] = surprise;
            if (!double.IsNaN(surprise))
                known[count++] = surprise;
            large += surprise > Large ? 1 : 0;
        }
        known = known[..count];
        known.Sort();
        var enough = count >= Needed;
        board[Quantity.Surprising] = enough ? large : double.NaN;
        board[Quantity.TopSurprise] = enough ? known[^1] : double.NaN;
        board[Quantity.FifthSurprise] = enough ? known[^5] : double.NaN;
    }

    public void Exchange(ref Snapshot snapshot)
    {
        foreach (var history in histories)
            history.Exchange(ref snapshot);
    }

    private static bool IsLog(Quantity quantity) => quantity
        is Quantity.NoiseRatio12 or Quantity.NoiseRatio60 or Quantity.SpreadRatio30 or Quantity.Roughness or Quantity.Flat;
}
