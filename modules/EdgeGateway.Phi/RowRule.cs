namespace EdgeGateway.Phi;

/// <summary>
/// How a sequence may be cut into runs without changing a bit. Products sum in another order where only few rows are computed at once, because other kernels take those, or because the rows are
/// divided among threads; kernels that round to integers block by block also work on tiles of rows.
/// </summary>
/// <param name="Fewest">Rows of a run at least.</param>
/// <param name="Tile">Runs begin at multiples of this many rows.</param>
internal readonly record struct RowRule(int Fewest, int Tile)
{
    /// <summary>The rule for a way of computing, measured with ONNX Runtime 1.31.1 (tests hold it).</summary>
    public static RowRule For(ComputeForm form, bool usePool)
    {
        var fewest = usePool ? Math.Max(8, 4 * Environment.ProcessorCount) : 2;
        return form == ComputeForm.AsBuilt ? new RowRule(Math.Max(8, fewest), 8) : new RowRule(fewest, 1);
    }

    /// <summary>The last row not behind this one at which a run may begin.</summary>
    public int Align(int row) => Math.Max(0, row - (row % Tile));

    /// <summary>Where the run must begin that computes the rows from <paramref name="computed"/> to <paramref name="length"/>.</summary>
    public int Begin(int computed, int length) => Align(Math.Min(computed, length - Fewest));
}
