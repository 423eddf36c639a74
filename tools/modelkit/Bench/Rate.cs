using System.Diagnostics;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>How often something is done in a second.</summary>
internal static class Rate
{
    /// <summary>Runs the work on some threads until the time is over, at least once each; gives times a second, all threads together.</summary>
    /// <param name="callers">Makes the work of each thread.</param>
    /// <param name="time">After which no new run begins.</param>
    public static double Of(IReadOnlyList<Action> callers, TimeSpan time)
    {
        var (began, runs) = (Stopwatch.GetTimestamp(), 0L);
        var threads = callers.Select(work => new Thread(() =>
        {
            do
            {
                work();
                Interlocked.Increment(ref runs);
            }
            while (Stopwatch.GetElapsedTime(began) < time);
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return runs / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
