namespace EdgeGateway.Phi;

/// <summary>
/// How a sequence may be cut into runs without changing a bit. Products sum in another order where only few rows are computed at once, because other kernels take those, or because the rows are
/// divided among threads; kernels that round to integers block by block also work on tiles of rows. Where a rest would be too short, rows before it are computed once more.
/// </summary>
/// <param name="Fewest">Rows of a run at least, unless that is the whole sequence.</param>
/// <param name="Tile">Runs begin at multiples of this many rows.</param>
/// <param name="Block">Attention works in blocks of so many rows and treats a single one that is left over in another way.</param>
internal readonly record struct RowRule(int Fewest, int Tile, int Block)
{
    private const int TypicalLongest = 256;

    /// <summary>
    /// Rows of one run at most. It bounds what a run allocates, and how long a cancelled call goes on: the runtime looks for that between two nodes, and at the size of Phi-3-mini the
    /// longest node takes a tenth of a second for 256 rows.
    /// </summary>
    public int Longest => Math.Max(TypicalLongest, 8 * ((Fewest / 4) + 2));

    /// <summary>The rule for a way of computing, measured with ONNX Runtime 1.31.1 on one and two threads (tests hold it); more threads divide the rows further.</summary>
    public static RowRule For(ComputeForm form, bool usePool, int headSize, int processors)
    {
        var fewest = usePool ? Math.Max(8, 4 * processors) : 2;
        return form == ComputeForm.AsBuilt ? new RowRule(Math.Max(8, fewest), 8, 2 * headSize) : new RowRule(fewest, 1, 2 * headSize);
    }

    /// <summary>Where the run must begin that computes the rows from <paramref name="computed"/> to <paramref name="length"/>.</summary>
    public int Begin(int computed, int length) => Align(Math.Min(computed, length - Fewest));

    /// <summary>The next run on the way from <paramref name="past"/> to <paramref name="end"/> when the rows before <paramref name="done"/> are computed.</summary>
    public (int Begin, int Rows) NextRun(int past, int done, int end)
    {
        var begin = done == past ? past : Math.Max(past, Align(Math.Min(done, end - Fewest)));
        var rows = Math.Min(end - begin, Longest);
        if (end - past <= Fewest || rows % Block != 1)
        {
            return (begin, rows);
        }

        return begin > past && begin + rows == end && rows + Tile <= Longest ? (begin - Tile, rows + Tile) : (begin, rows - 1);
    }

    /// <summary>The last row not behind this one at which a run may begin.</summary>
    private int Align(int row) => Math.Max(0, row - (row % Tile));
}
