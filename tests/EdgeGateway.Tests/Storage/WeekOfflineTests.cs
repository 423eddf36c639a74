using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>A week of ten alerts a minute, each with its end, on the shipped bounds: the hub is away, the local broker is there.</summary>
public sealed class WeekOfflineTests : IDisposable
{
    private const int AlertsAnHour = 600;
    private const int Hours = 7 * 24;
    private const int Batch = 100;
    private const int BodyBytes = 1000;
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Some.Noon);
    private readonly Random random = new(16);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_week_without_the_hub_takes_a_bounded_disk_keeps_the_most_severe_alerts_and_accounts_for_each()
    {
        var severities = new List<int>();
        var largest = 0L;
        using var store = GatewayStore.Open(folder.Path, clock);
        store.RegisterSinks(["hub", "mqtt"]);
        for (var hour = 0; hour < Hours; hour++)
        {
            for (var batch = 0; batch < AlertsAnHour; batch += Batch)
            {
                store.Commit([.. Enumerable.Range(0, Batch).SelectMany(_ => AlertWithEnd(severities))]);
                DeliverAll(store, "mqtt");
            }

            store.Settle("hub", [], store.Take("hub", 1)[0].Entry);
            clock.Advance(TimeSpan.FromHours(1));
            largest = Math.Max(largest, Directory.GetFiles(folder.Path).Sum(file => new FileInfo(file).Length));
        }

        var hub = store.Backlogs().Single(b => b.Sink == "hub");
        TestContext.Current.SendDiagnosticMessage($"a week offline: {largest / 1e6:F1} MB on disk at most, {hub.Alerts} alerts wait, {hub.Evicted} were evicted");
        Assert.InRange(largest, 0, 150_000_000);
        Assert.Equal((100_800, 20_000, 80_800L, 0L), (severities.Count, hub.Alerts, hub.Evicted, hub.Expired));
        Assert.Equal(
            severities.Select((severity, number) => (severity, number)).OrderByDescending(a => a.severity).ThenByDescending(a => a.number).Take(20_000).Select(a => a.number).Order(),
            store.NextPending("hub", int.MaxValue).Select(e => int.Parse(e.AlertId, null)).Distinct().Order());
        AssertAccounted(hub);
        DeliverAll(store, "hub");
        Assert.All(store.Backlogs(), b => Assert.Equal(0, b.Pending));
        Assert.All(store.Backlogs(), AssertAccounted);
        Assert.Equal((100_800, 20_000), (store.Tallies["mqtt"].Delivered, store.Tallies["hub"].Delivered));
    }

    private static void AssertAccounted(SinkBacklog sink)
    {
        var t = sink.Tally;
        Assert.Equal(100_800, t.Raised);
        Assert.Equal(t.Raised, t.Delivered + t.Dead + t.Expired + t.Evicted + sink.Alerts);
        Assert.Equal(t.NewEntries, t.DeliveredEntries + t.DeadEntries + t.Folded + t.Withheld + sink.Pending);
    }

    private AlertTransition[] AlertWithEnd(List<int> severities)
    {
        var (number, severity, now) = (severities.Count, random.Next(1, 1001), clock.GetUtcNow());
        severities.Add(severity);
        return [.. new[] { 1, 2 }.Select(sequence => Some.Transition($"{number:D8}", sequence, $"line/asset{number % 500}", severity, sequence == 1, now.AddSeconds(number % AlertsAnHour)) with { Body = new byte[BodyBytes] })
            .Select(t => t with { State = t.State with { State = new byte[BodyBytes] } })];
    }

    private static void DeliverAll(GatewayStore store, string sink)
    {
        while (store.Take(sink, 100) is { Count: > 0 } batch)
        {
            store.Settle(sink, [.. batch.Select(e => e.Entry)]);
        }
    }
}
