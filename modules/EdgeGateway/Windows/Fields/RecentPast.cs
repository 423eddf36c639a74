namespace EdgeGateway.Windows.Fields;

/// <summary>What the hops 12 to 83 back looked like: how unusual, how noisy, how flat. The last 120 samples are left out.</summary>
internal sealed class RecentPast
{
    private const int Lag = 12;
    private const int Hops = 72;
    private const int SurprisesNeeded = 6;
    private const double FlatShare = 0.9;

    private readonly Ring noise = new(Lag + Hops);
    private readonly Ring repeats = new(Lag + Hops);
    private readonly Ring surprising = new(Lag + Hops);

    public void EndHop(Board board)
    {
        noise.Add(board[Quantity.NoiseRatio60]);
        repeats.Add(board[Quantity.Repeats60]);
        surprising.Add(board[Quantity.Surprising]);
        Span<double> room = stackalloc double[Hops];
        board[Quantity.PastNoise] = Largest(noise.CopyPresent(Lag, room));
        board[Quantity.PastFlat] = ShareFlat(repeats.CopyPresent(Lag, room));
        var known = surprising.CopyPresent(Lag, room);
        board[Quantity.PastSurprising] = known.Length >= SurprisesNeeded ? Newest.Mean(known) : double.NaN;
    }

    public void Exchange(ref Snapshot snapshot)
    {
        noise.Exchange(ref snapshot, mayBeAbsent: true);
        repeats.Exchange(ref snapshot, mayBeAbsent: true);
        surprising.Exchange(ref snapshot, mayBeAbsent: true);
    }

    private static double Largest(ReadOnlySpan<double> known)
    {
        var largest = double.NaN;
        foreach (var value in known)
            largest = double.MaxNumber(largest, value);
        return largest;
    }

    private static double ShareFlat(ReadOnlySpan<double> known)
    {
        var flat = 0;
        foreach (var share in known)
            flat += share > FlatShare ? 1 : 0;
        return known.IsEmpty ? double.NaN : flat / (double)known.Length;
    }
}
