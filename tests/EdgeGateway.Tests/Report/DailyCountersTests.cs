using EdgeGateway.Stages;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Hub;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Report;

/// <summary>The sums by day that the report lives on.</summary>
public sealed class DailyCountersTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly Accounting accounting = new();
    private readonly GatewayStore store;

    public DailyCountersTests() => store = GatewayStore.Open(folder.Path, clock);

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task They_are_stored_once_an_hour_and_at_the_end_for_the_day_it_is()
    {
        var counters = await StartedAsync();
        accounting.Of("bytes.received").Add(100);
        accounting.Of("bytes.delivered", reason: "hub").Add(7);
        accounting.Of("received", "pumps").Add(5);
        await Until.HoldsAsync(() => Daily().Count == 2, () => "the hour is stored", () => clock.Advance(TimeSpan.FromMinutes(1)));
        Assert.True(clock.GetUtcNow() - Any.Noon >= TimeSpan.FromHours(1));
        accounting.Of("bytes.received").Add(11);
        clock.SetUtcNow(Any.Noon.AddHours(12).AddMinutes(1));
        await counters.StopAsync(TestContext.Current.CancellationToken);
        counters.Dispose();
        Assert.True(counters.ExecuteTask!.IsCompletedSuccessfully);
        var today = DateOnly.FromDateTime(Any.Noon.Date);
        Assert.Equal(111, Daily().Where(d => d.Name == "bytes.received").Sum(d => d.Value));
        Assert.Equal(new DailySum(today, "bytes.delivered.hub", 7), Daily().First(d => d.Name == "bytes.delivered.hub"));
        Assert.Equal(["bytes.delivered.hub", "bytes.received"], Daily().Select(d => d.Name).Distinct());
    }

    [Fact]
    public async Task What_a_later_run_counts_is_added()
    {
        foreach (var bytes in new[] { 3, 4 })
        {
            var counters = await StartedAsync();
            accounting.Of("bytes.received").Add(bytes);
            await counters.StopAsync(TestContext.Current.CancellationToken);
            counters.Dispose();
        }

        // the second run's accounting begins anew in the gateway; here it goes on from 3
        Assert.Equal(3 + 7, Assert.Single(Daily()).Value);
    }

    [Fact]
    public async Task A_run_in_which_nothing_came_writes_nothing()
    {
        var counters = await StartedAsync();
        await counters.StopAsync(TestContext.Current.CancellationToken);
        counters.Dispose();
        Assert.Empty(Daily());
    }

    [Fact]
    public void The_newest_forty_days_are_kept_whatever_years_a_wrong_clock_showed()
    {
        for (var day = 0; day < 45; day++)
        {
            store.AddDaily(new DateOnly(1970, 1, 1).AddDays(day), new Dictionary<string, long> { ["bytes.received"] = 1, ["bytes.delivered.hub"] = 1 });
        }

        Assert.Equal(40, Daily().Select(d => d.Day).Distinct().Count());
        Assert.Equal(new DateOnly(1970, 1, 6), Daily()[0].Day);
    }

    private async Task<DailyCounters> StartedAsync()
    {
        var counters = new DailyCounters(store, accounting, clock);
        await counters.StartAsync(TestContext.Current.CancellationToken);
        return counters;
    }

    private IReadOnlyList<DailySum> Daily() => History.Read(folder.Path, DateTimeOffset.UnixEpoch).Daily;
}
