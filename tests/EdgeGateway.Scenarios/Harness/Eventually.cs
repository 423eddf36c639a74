namespace EdgeGateway.Scenarios.Harness;

/// <summary>Waits for something that other processes bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Returns once the condition holds; fails with <paramref name="what"/> after a minute.</summary>
    public static Task HoldsAsync(Func<bool> condition, string what) => HoldsAsync(condition, () => what);

    /// <summary>The same with a message that is made when it fails.</summary>
    /// <param name="patience">Null for a minute.</param>
    public static async Task HoldsAsync(Func<bool> condition, Func<string> what, TimeSpan? patience = null)
    {
        var most = patience ?? Patience;
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < most, $"Not within {most.TotalSeconds} s: {what()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
