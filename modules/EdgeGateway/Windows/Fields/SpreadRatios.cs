namespace EdgeGateway.Windows.Fields;

/// <summary>Noise, spread and roughness of the newest samples against their own long medians.</summary>
internal sealed class SpreadRatios
{
    private readonly OctaveRatio noise12 = new(lag: 2, hops: 72, needed: 3);
    private readonly OctaveRatio noise60 = new(lag: 6, hops: 144, needed: 3);
    private readonly OctaveRatio spread30 = new(lag: 3, hops: 144, needed: 6);
    private readonly OctaveRatio roughness = new(lag: 2, hops: 144, needed: 3);

    public void EndHop(Board board, double floor, ReadOnlySpan<double> newest)
    {
        Span<double> room = stackalloc double[60];
        var differences = room[..Math.Min(room.Length, newest.Length - 1)];
        for (var age = 0; age < differences.Length; age++)
            differences[age] = newest[age] - newest[age + 1];
        board[Quantity.NoiseRatio12] = noise12.Next(Newest.Deviation(differences, 12, 12), floor);
        board[Quantity.NoiseRatio60] = noise60.Next(Newest.Deviation(differences, 60, 30), floor);
        board[Quantity.SpreadRatio30] = spread30.Next(Newest.Deviation(newest, 30, 15), floor);
        board[Quantity.Roughness] = roughness.Next(Newest.Roughness(differences), floor);
    }

    public void Exchange(ref Snapshot snapshot)
    {
        noise12.Exchange(ref snapshot);
        noise60.Exchange(ref snapshot);
        spread30.Exchange(ref snapshot);
        roughness.Exchange(ref snapshot);
    }
}
