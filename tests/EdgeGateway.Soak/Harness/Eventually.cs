namespace EdgeGateway.Soak.Harness;

/// <summary>Waits for something that other processes bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns once the condition holds.</summary>
    /// <exception cref="SoakException">It does not within five minutes.</exception>
    public static async Task HoldsAsync(Func<bool> condition, Func<string> what, CancellationToken token)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
            {
                throw new SoakException($"Not within {Patience.TotalMinutes} minutes: {what()}");
            }

            await Task.Delay(Interval, TimeProvider.System, token);
        }
    }
}
