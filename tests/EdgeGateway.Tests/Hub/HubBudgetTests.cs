using EdgeGateway.Delivery;
using EdgeGateway.Hub;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Hub;

public sealed class HubBudgetTests : IDisposable
{
    private const int Limit = 100_000;
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly DeliveryState state = new(WithBudget(Limit));
    private GatewayStore store;

    public HubBudgetTests() => store = GatewayStore.Open(folder.Path, clock);

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void What_does_not_fit_into_the_day_waits_for_the_next_one()
    {
        var budget = New();
        budget.Use("a.1", 60_000);
        Assert.False(budget.IsSpent);
        var told = Assert.Throws<OverBudgetException>(() => budget.Use("b.1", 60_000));
        Assert.Contains("alerts.hubBytesPerDay", told.Message, StringComparison.Ordinal);
        Assert.True(budget.IsSpent);
        clock.Advance(TimeSpan.FromHours(12));
        Assert.False(budget.IsSpent);
        budget.Use("b.1", 60_000);
    }

    [Fact]
    public void Attempts_to_send_the_same_again_count_once()
    {
        var budget = New();
        for (var attempt = 0; attempt < 100; attempt++)
        {
            budget.Use("a.1", 60_000);
        }

        budget.Use("b.1", 40_000);
    }

    [Fact]
    public void A_restart_gives_no_second_budget_and_costs_one_block_at_most()
    {
        New().Use("a.1", 60_000);
        Restart();
        Assert.Throws<OverBudgetException>(() => New().Use("b.1", 50_000));
        New().Use("b.1", Limit - 60_000 - 16_384);
    }

    [Fact]
    public void A_clock_that_is_set_back_a_year_does_not_hold_alerts_back_for_a_year()
    {
        clock.Advance(TimeSpan.FromDays(365));
        var budget = New();
        budget.Use("a.1", Limit);
        Assert.Throws<OverBudgetException>(() => budget.Use("b.1", 1));
        Restart(new FakeTimeProvider(Any.Noon));
        new HubBudget(store, state, new FakeTimeProvider(Any.Noon)).Use("b.1", Limit);
    }

    [Fact]
    public void A_larger_budget_holds_at_once()
    {
        var budget = New();
        Assert.Throws<OverBudgetException>(() => budget.Use("a.1", Limit + 1));
        state.Settings = WithBudget(2 * Limit);
        Assert.False(budget.IsSpent);
        budget.Use("a.1", Limit + 1);
    }

    private static GatewaySettings WithBudget(long bytes) => Any.Settings() with { Alerts = new AlertSettings(TimeSpan.Zero, 60) { HubBytesPerDay = bytes } };

    private HubBudget New() => new(store, state, clock);

    private void Restart(TimeProvider? other = null)
    {
        store.Dispose();
        store = GatewayStore.Open(folder.Path, other ?? clock);
    }
}
