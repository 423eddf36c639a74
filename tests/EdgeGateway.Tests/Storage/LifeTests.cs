using System.Text;
using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>What is kept of the life of alerts, and of why they were raised.</summary>
public sealed class LifeTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Some.Noon);
    private readonly GatewayStore store;

    public LifeTests() => store = GatewayStore.Open(folder.Path, clock);

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_steps_of_an_alert_are_told_in_order_with_who_took_them()
    {
        store.Commit([Some.Transition("a"), Some.Transition("a", 2, severity: 700) with { Transition = "acknowledged", By = "Ada" }, Some.Transition("b")]);
        store.Commit([Some.Transition("a", 2), Some.Transition("a", 3, open: false)]);
        Assert.Equal([new AlertStep(1, "raised", Some.Noon, 500, ""), new AlertStep(2, "acknowledged", Some.Noon, 700, "Ada"), new AlertStep(3, "cleared", Some.Noon, 500, "")], store.LifeOf("a"));
        Assert.Empty(store.LifeOf("nobody"));
    }

    [Fact]
    public void Of_an_alert_that_flaps_for_weeks_the_raise_and_the_newest_hundred_steps_are_kept()
    {
        store.Commit([.. Enumerable.Range(1, 250).Select(i => Some.Transition("a", i))]);
        Assert.Equal([1, .. Enumerable.Range(151, 100)], store.LifeOf("a").Select(s => s.Sequence));
    }

    [Fact]
    public void The_explanations_of_the_newest_five_hundred_alerts_are_kept()
    {
        store.Commit([.. Enumerable.Range(1, 501).Select(i => Some.Transition($"a{i}") with { Explanation = Encoding.UTF8.GetBytes($"{i} {new string('x', i)}") })]);
        Assert.Null(store.ExplanationOf("a1"));
        Assert.Equal($"2 {new string('x', 2)}", Encoding.UTF8.GetString(store.ExplanationOf("a2")!));
        Assert.Equal($"501 {new string('x', 501)}", Encoding.UTF8.GetString(store.ExplanationOf("a501")!));
        Assert.Null(store.ExplanationOf("nobody"));
    }

    [Fact]
    public void Both_go_with_their_alert()
    {
        store.Commit([Some.Transition("a", open: false) with { Explanation = "{}"u8.ToArray() }]);
        clock.Advance(TimeSpan.FromDays(32));
        store.Commit([Some.Transition("b")]);
        Assert.Null(store.FindAlert("a"));
        Assert.Empty(store.LifeOf("a"));
        Assert.Null(store.ExplanationOf("a"));
        Assert.Single(store.LifeOf("b"));
    }
}
