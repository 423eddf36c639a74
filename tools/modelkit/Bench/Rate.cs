using System.Diagnostics;

namespace EdgeGateway.ModelKit.Bench;

/// <summary>How often something is done in a second.</summary>
internal static class Rate
{
    /// <summary>Runs the work on some threads, once each before the clock starts and then until the time is over, at least once; gives times a second, all threads together.</summary>
    /// <param name="callers">The work of each thread.</param>
    /// <param name="time">After which no new run begins.</param>
    public static double Of(IReadOnlyList<Action> callers, TimeSpan time)
    {
        var (began, runs) = (0L, 0L);
        using var warm = new Barrier(callers.Count, _ => began = Stopwatch.GetTimestamp());
        var threads = callers.Select(work => new Thread(() =>
        {
            work();
            warm.SignalAndWait();
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
