using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>Which alerts who looks at a gateway is shown.</summary>
public sealed class KnownAlertsTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly GatewayStore store;

    public KnownAlertsTests() => store = GatewayStore.Open(folder.Path, new FakeTimeProvider(Some.Noon));

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Of_more_open_alerts_than_are_shown_the_own_ones_are_kept_then_the_most_severe_then_the_newest()
    {
        var own = At("own", 0, 100);
        store.Commit([own with { State = own.State with { Family = "own" } }, At("old", 1, 900), .. Enumerable.Range(2, 10).Select(i => At($"mild {i}", i, 500))]);
        store.Commit([At("mild 3", 12, 800, sequence: 2)]);
        Assert.Equal(["mild 3", "mild 11", "old", "own"], store.NewestAlerts(open: 4, ended: 0).Select(k => k.State.AlertId));
    }

    private static AlertTransition At(string alert, int minute, int severity, int sequence = 1) => Some.Transition(alert, sequence, severity: severity, time: Some.Noon.AddMinutes(minute));
}
