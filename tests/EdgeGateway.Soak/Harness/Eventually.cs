namespace EdgeGateway.Soak.Harness;

/// <summary>Waits for something that other processes bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns once the condition holds.</summary>
    /// <param name="patience">How long it may take; five minutes when not given.</param>
    /// <exception cref="SoakException">It does not within that time.</exception>
    public static async Task HoldsAsync(Func<bool> condition, Func<string> what, CancellationToken token, TimeSpan? patience = null)
    {
        var most = patience ?? Longest;
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > most)
            {
                throw new SoakException($"Not within {most.TotalMinutes} minutes: {what()}");
            }

            await Task.Delay(Interval, TimeProvider.System, token);
        }
    }
}
