using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

/// <summary>Folding, expiry and eviction.</summary>
public sealed class OutboxBoundsTests : IDisposable
{
    private static readonly OutboxBounds Small = new(1_000, 10, TimeSpan.FromDays(30)) { FoldFrom = 5 };
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Some.Noon);
    private GatewayStore store;

    public OutboxBoundsTests()
    {
        store = GatewayStore.Open(folder.Path, clock);
        store.Bounds = Small;
        store.RegisterSinks(["hub", "mqtt"]);
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Transitions_of_one_alert_become_the_newest_only_above_a_backlog()
    {
        Raise("a", "b");
        store.Commit([Some.Transition("a", 2)]);
        Assert.Equal(["a.1", "b.1", "a.2"], Waiting("hub"));
        Raise("c", "d");
        store.Commit([Some.Transition("a", 3, open: false)]);
        Assert.Equal([("a", 1, 3), ("b", 1, 1), ("c", 1, 1), ("d", 1, 1)], store.NextPending("hub", 10).Select(e => (e.AlertId, e.First, e.Sequence)).Order());
        Assert.Equal(2, store.Tallies["hub"].Folded);
    }

    [Fact]
    public void What_is_just_being_sent_is_not_folded()
    {
        Raise("a", "b", "c", "d", "e");
        store.Take("hub", 10);
        store.Commit([Some.Transition("a", 2), Some.Transition("a", 3)]);
        Assert.Equal([(1, 1), (2, 3)], store.NextPending("hub", 10).Where(e => e.AlertId == "a").Select(e => (e.First, e.Sequence)));
        Assert.Equal([(1, 3)], store.NextPending("mqtt", 10).Where(e => e.AlertId == "a").Select(e => (e.First, e.Sequence)));
    }

    [Fact]
    public void The_mildest_alert_goes_and_of_equal_ones_the_oldest_and_only_where_it_is_too_much()
    {
        Deliver("mqtt", Raise([.. Enumerable.Range(0, 10).Select(n => $"a{n}")]));
        store.Commit([Some.Transition("mild", severity: 100)]);
        Assert.DoesNotContain("mild.1", Waiting("hub"));
        Assert.Contains("mild.1", Waiting("mqtt"));
        store.Commit([Some.Transition("severe", severity: 900)]);
        Assert.DoesNotContain("a0.1", Waiting("hub"));
        Assert.Contains("severe.1", Waiting("hub"));
        Assert.Equal((10, 2), (store.Backlogs()[0].Alerts, store.Backlogs()[0].Evicted));
    }

    [Fact]
    public void An_alert_that_became_severe_is_kept_as_a_severe_one()
    {
        store.Commit([Some.Transition("a", severity: 100), Some.Transition("a", 2, severity: 900)]);
        Raise([.. Enumerable.Range(0, 12).Select(n => $"b{n}")]);
        Assert.Contains("a", store.NextPending("hub", 100).Select(e => e.AlertId));
    }

    [Fact]
    public void Of_an_alert_that_went_the_sink_is_told_nothing_more()
    {
        Raise([.. Enumerable.Range(0, 11).Select(n => $"a{n}")]);
        store.Commit([Some.Transition("a0", 2, open: false)]);
        Assert.DoesNotContain("a0", store.NextPending("hub", 100).Select(e => e.AlertId));
        Reopen();
        store.Commit([Some.Transition("a0", 3, open: false)]);
        Assert.DoesNotContain("a0", store.NextPending("hub", 100).Select(e => e.AlertId));
    }

    [Fact]
    public void An_alert_whose_raise_was_delivered_gets_its_end_however_full_it_is_and_however_long_it_takes()
    {
        store.Commit([Some.Transition("told", severity: 1)]);
        Deliver("hub", ["told"]);
        store.Commit([Some.Transition("told", 2, severity: 1, open: false)]);
        Raise([.. Enumerable.Range(0, 20).Select(n => $"a{n}")]);
        clock.Advance(TimeSpan.FromDays(100));
        store.Commit([]);
        Assert.Equal(["told.2"], Waiting("hub"));
        Assert.Equal((11, 9), (store.Tallies["hub"].Evicted, store.Tallies["hub"].Expired));
    }

    [Fact]
    public void An_alert_that_was_sent_and_not_acknowledged_counts_as_seen_also_after_a_restart()
    {
        store.Commit([Some.Transition("tried", severity: 1)]);
        store.Settle("hub", [], store.Take("hub", 1)[0].Entry);
        Reopen();
        Raise([.. Enumerable.Range(0, 20).Select(n => $"a{n}")]);
        Assert.Contains("tried.1", Waiting("hub"));
        Assert.DoesNotContain("tried.1", Waiting("mqtt"));
    }

    [Fact]
    public void In_a_backlog_it_counts_as_seen_before_it_is_sent_and_not_any_more_when_it_was_not_sent_after_all()
    {
        Raise([.. Enumerable.Range(0, 9).Select(n => $"a{n}")]);
        store.Take("hub", 1);
        Reopen();
        store.Commit([.. Enumerable.Range(0, 20).Select(n => Some.Transition($"b{n}", severity: 900))]);
        Assert.Contains("a0.1", Waiting("hub"));
        store.Take("hub", 100);
        store.Settle("hub", []);
        store.Commit([.. Enumerable.Range(0, 20).Select(n => Some.Transition($"c{n}", severity: 950))]);
        Assert.Equal(["a0", "c11", "c12", "c13"], store.NextPending("hub", 100).Select(e => e.AlertId).Order(StringComparer.Ordinal).Take(4));
    }

    [Fact]
    public void What_waits_too_long_since_its_newest_transition_expires_as_a_whole()
    {
        Raise("a", "b");
        clock.Advance(TimeSpan.FromDays(20));
        store.Commit([Some.Transition("b", 2)]);
        clock.Advance(TimeSpan.FromDays(11));
        Assert.Equal(["b.1", "b.2"], store.Take("hub", 10).Ids());
        Assert.Equal((1, 1), (store.Backlogs()[0].Expired, store.Backlogs()[1].Expired));
    }

    [Fact]
    public void Nothing_expires_because_the_clock_was_set()
    {
        var wall = new WallClock { Now = new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero) };
        Reopen(wall);
        Raise("a");
        wall.Now = Some.Noon;
        Assert.Equal(["a.1"], store.Take("hub", 10).Ids());
        store.Settle("hub", []);
        Reopen(new FakeTimeProvider(Some.Noon.AddDays(29)));
        Assert.Equal(["a.1"], store.Take("hub", 10).Ids());
        store.Settle("hub", []);
        Reopen(new FakeTimeProvider(Some.Noon.AddDays(31)));
        Assert.Empty(store.Take("hub", 10));
    }

    [Fact]
    public void Nothing_expires_because_the_clock_was_set_between_two_runs()
    {
        Reopen(new FakeTimeProvider(new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Raise("a");
        Reopen(new FakeTimeProvider(Some.Noon));
        Assert.Equal(["a.1"], store.Take("hub", 10).Ids());
    }

    [Fact]
    public void A_dead_raise_takes_what_follows_of_its_alert_along_to_the_dead_letters()
    {
        store.Commit([Some.Transition("a"), Some.Transition("a", 2, open: false)]);
        store.MarkDead("hub", store.NextPending("hub", 1)[0], "too large");
        Assert.Empty(Waiting("hub"));
        Assert.Equal(["too large", "its raise could not be delivered: too large"], store.DeadLetters().Select(d => d.Reason));
        Assert.Equal((1, 2), (store.Tallies["hub"].Dead, store.Tallies["hub"].DeadEntries));
        Assert.Equal(["a.1", "a.2"], Waiting("mqtt"));
    }

    [Fact]
    public void Urgent_entries_pass_the_others_and_only_what_is_before_them_in_their_subject_comes_along()
    {
        store.Commit([
            Some.Transition("severe", severity: 900), Some.Transition("silent", subject: "s"), Some.Transition("limit", subject: "s", severity: 200) with { Urgent = true },
            Some.Transition("after", subject: "s")]);
        var taken = store.Take("hub", 10, urgentOnly: true);
        Assert.Equal(["silent.1", "limit.1"], taken.Ids());
        Assert.All(taken, e => Assert.True(e.Urgent));
        Assert.Equal(["severe.1", "silent.1", "limit.1", "after.1"], Waiting("hub"));
    }

    private string[] Raise(params string[] alerts)
    {
        store.Commit([.. alerts.Select(a => Some.Transition(a))]);
        return alerts;
    }

    private void Deliver(string sink, string[] alerts) => store.MarkDelivered(sink, [.. store.NextPending(sink, 1000).Where(e => alerts.Contains(e.AlertId)).Select(e => e.Entry)]);

    private string[] Waiting(string sink) => store.NextPending(sink, 1000).Ids();

    private void Reopen(TimeProvider? other = null)
    {
        store.Dispose();
        store = GatewayStore.Open(folder.Path, other ?? clock);
        store.Bounds = Small;
    }

    /// <summary>Is set without that time passes.</summary>
    private sealed class WallClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => 0;
    }
}
