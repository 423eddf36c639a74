namespace EdgeGateway.Verdicts;

/// <summary>
/// Finds the share of windows that the model can keep up with (budget "auto"). Short backlogs wait: back-pressure holds them at the broker. Only when full batches come
/// without a break for half a minute is the share halved, step by step; it doubles again with each half minute that shows a break.
/// </summary>
internal sealed class OverloadWatch(TimeProvider clock)
{
    private const int Least = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private long since = clock.GetTimestamp();
    private bool hadBreak;
    private int percent = 100;

    /// <summary>Percent of the windows to judge, from 10 to 100, given whether the batch at hand is full.</summary>
    public int AffordablePercent(bool fullBatch)
    {
        hadBreak |= !fullBatch;
        if (clock.GetElapsedTime(since) >= Patience)
        {
            percent = hadBreak ? Math.Min(100, percent * 2) : Math.Max(Least, percent / 2);
            hadBreak = false;
            since = clock.GetTimestamp();
        }

        return percent;
    }
}
