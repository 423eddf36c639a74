namespace EdgeGateway.Windows.Fields;

/// <summary>Double exponential smoothing that foretells the next sample, and how wrong it was in units of its usual error.</summary>
internal sealed class Forecast
{
    private const double Gain = 0.3;
    private const int Errors = 360;
    private const int ErrorsNeeded = 20;
    private const double LargestRatio = 1e6;

    private readonly Ring errors = new(Errors);
    private readonly SortedWindow sortedErrors = new(Errors);
    private readonly Ring ratios = new(15);
    private double level;
    private double trend;
    private double next;
    private double usualError = 1;
    private double largestRatio;

    public void Push(in Sample sample)
    {
        var first = sample.Number == 1;
        var error = first ? 0 : Math.Abs(sample.Value - next);
        if (sortedErrors.IsFull)
            sortedErrors.Replace(errors[Errors - 1], error);
        else
            sortedErrors.Add(error);
        errors.Add(error);
        var ratio = Math.Clamp(error / usualError, 0, LargestRatio);
        ratios.Add(ratio);
        largestRatio = Math.Max(largestRatio, ratio);
        if (first)
            level = trend = sample.Value;
        level += Gain * (sample.Value - level);
        trend += Gain * (level - trend);
        next = 2 * level - trend + 0.3 / 0.7 * (level - trend);
    }

    public void EndHop(Board board, bool had, Scales scales)
    {
        board[Quantity.LargestError] = had ? largestRatio : double.NaN;
        board[Quantity.MeanError] = had ? ratios.MeanOfNewest(15) : double.NaN;
        largestRatio = 0;
        usualError = (errors.Count >= ErrorsNeeded ? 1.4826 * sortedErrors.Median : scales.Deviation) + 0.2 * scales.Floor;
    }

    public void Exchange(ref Snapshot snapshot)
    {
        errors.Exchange(ref snapshot);
        ratios.Exchange(ref snapshot);
        snapshot.Number(ref level);
        snapshot.Number(ref trend);
        snapshot.Number(ref next);
        snapshot.NotNegative(ref usualError);
        snapshot.Require(usualError > 0);
        snapshot.NotNegative(ref largestRatio);
        if (!snapshot.Writing)
            sortedErrors.Rebuild(errors.CopyNewest(stackalloc double[Errors]));
    }
}
