namespace EdgeGateway.Tests.Hub;

/// <summary>Waits for what the other side of a connection brings about.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Returns once the condition holds; fails with <paramref name="what"/> after half a minute.</summary>
    public static Task HoldsAsync(Func<bool> condition, string what) => HoldsAsync(condition, () => what, () => { });

    /// <summary>The same, doing something (such as letting fake time pass) before each look.</summary>
    public static async Task HoldsAsync(Func<bool> condition, Func<string> what, Action meanwhile)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"Not within {Patience.TotalSeconds} s: {what()}");
            meanwhile();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
