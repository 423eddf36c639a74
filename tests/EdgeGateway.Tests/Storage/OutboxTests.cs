using System.Text;
using EdgeGateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

public sealed class OutboxTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Some.Noon);
    private readonly GatewayStore store;

    public OutboxTests()
    {
        store = GatewayStore.Open(folder.Path, clock);
        store.RegisterSinks(["hub", "mqtt"]);
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Entries_of_one_subject_leave_first_in_first_out_whatever_their_severity()
    {
        store.Commit([Some.Transition("a", 1, "pump", 100), Some.Transition("a", 2, "pump", 900), Some.Transition("b", 1, "pump", 500)]);

        Assert.Equal(["a.1", "a.2", "b.1"], store.NextPending("hub", 10).Ids());
    }

    [Fact]
    public void Between_subjects_the_severity_of_the_oldest_entry_decides_and_then_age()
    {
        store.Commit([Some.Transition("low", severity: 100), Some.Transition("high", severity: 900), Some.Transition("older", severity: 500), Some.Transition("younger", severity: 500)]);

        Assert.Equal(["high.1", "older.1", "younger.1", "low.1"], store.NextPending("hub", 10).Ids());
    }

    [Fact]
    public void A_severe_entry_behind_a_mild_one_of_its_subject_waits_for_it()
    {
        store.Commit([Some.Transition("a", 1, "pump", 100), Some.Transition("a", 2, "pump", 1000), Some.Transition("b", 1, "tank", 500)]);

        Assert.Equal(["b.1", "a.1", "a.2"], store.NextPending("hub", 10).Ids());
    }

    [Fact]
    public void A_short_batch_is_the_beginning_of_the_long_one()
    {
        store.Commit([.. Enumerable.Range(0, 40).Select(n => Some.Transition($"a{n}", subject: $"s{n % 7}", severity: 1 + (n * 37 % 1000)))]);

        var all = store.NextPending("hub", 100).Ids();
        Assert.Equal(40, all.Length);
        Assert.All(Enumerable.Range(0, 40), max => Assert.Equal(all[..max], store.NextPending("hub", max).Ids()));
    }

    [Fact]
    public void An_entry_comes_back_as_it_was_stored()
    {
        var transition = Some.Transition("a", 3, "pump", 700, open: false, Some.Noon.AddTicks(1234567));
        store.Commit([transition]);

        var entry = Assert.Single(store.NextPending("hub", 1));
        Assert.Equal(("a", 3, "pump", 700, "cleared", transition.State.Time), (entry.AlertId, entry.Sequence, entry.Subject, entry.Severity, entry.Transition, entry.Time));
        Assert.Equal("body a.3", Encoding.UTF8.GetString(entry.Body.Span));
    }

    [Fact]
    public void Each_sink_has_its_own_progress()
    {
        store.Commit([Some.Transition("a"), Some.Transition("b")]);
        store.MarkDelivered("hub", store.NextPending("hub", 1)[0].Entry);

        Assert.Equal(["b.1"], store.NextPending("hub", 10).Ids());
        Assert.Equal(["a.1", "b.1"], store.NextPending("mqtt", 10).Ids());
    }

    [Fact]
    public void An_equal_copy_of_a_transition_is_ignored_also_after_it_was_delivered()
    {
        Assert.Equal(2, store.Commit([Some.Transition("a", 1), Some.Transition("a", 2)]));
        DeliverAll("hub");
        DeliverAll("mqtt");

        Assert.Equal(1, store.Commit([Some.Transition("a", 1), Some.Transition("a", 2), Some.Transition("a", 3)]));
        Assert.Equal(["a.3"], store.NextPending("hub", 10).Ids());
    }

    [Fact]
    public void Delivering_twice_or_out_of_turn_changes_nothing_else()
    {
        store.Commit([Some.Transition("a", 1, "pump"), Some.Transition("a", 2, "pump"), Some.Transition("a", 3, "pump")]);
        var entries = store.NextPending("hub", 3);

        store.MarkDelivered("hub", entries[1].Entry);
        store.MarkDelivered("hub", entries[1].Entry);
        store.MarkDelivered("nobody", entries[0].Entry);
        store.MarkDelivered("hub", 4711);

        Assert.Equal(["a.1", "a.3"], store.NextPending("hub", 10).Ids());
    }

    [Fact]
    public void Backlogs_tell_count_and_age_and_never_a_negative_one()
    {
        store.Commit([Some.Transition("a")]);
        clock.Advance(TimeSpan.FromMinutes(3));
        store.Commit([Some.Transition("b", severity: 900)]);
        DeliverAll("mqtt");

        Assert.Equal(
            [("hub", 2, 2, 16L, TimeSpan.FromMinutes(3)), ("mqtt", 0, 0, 0L, TimeSpan.Zero)],
            store.Backlogs().Select(b => (b.Sink, b.Pending, b.Alerts, b.Bytes, b.OldestAge)));
        using var earlier = GatewayStore.Open(folder.Path, new FakeTimeProvider(Some.Noon.AddYears(-1)));
        Assert.All(earlier.Backlogs(), backlog => Assert.Equal(TimeSpan.Zero, backlog.OldestAge));
    }

    [Fact]
    public void A_new_sink_begins_with_the_next_entry_and_one_that_left_frees_what_it_held()
    {
        store.Commit([Some.Transition("a")]);
        DeliverAll("mqtt");

        Assert.Equal(1, store.RegisterSinks(["mqtt", "webhook"]));
        store.Commit([Some.Transition("b")]);

        Assert.Equal(["b.1"], store.NextPending("webhook", 10).Ids());
        Assert.Empty(store.NextPending("hub", 10));
        Assert.Equal(0, store.RegisterSinks(["webhook", "mqtt"]));
    }

    [Fact]
    public void Sinks_and_progress_survive_a_restart_and_entry_numbers_are_never_used_again()
    {
        store.Commit([Some.Transition("a"), Some.Transition("b")]);
        var last = store.NextPending("hub", 2)[1].Entry;
        DeliverAll("hub");
        DeliverAll("mqtt");
        store.Dispose();

        using var again = GatewayStore.Open(folder.Path, clock);
        again.Commit([Some.Transition("c")]);
        Assert.True(Assert.Single(again.NextPending("mqtt", 10)).Entry > last);
    }

    [Fact]
    public async Task Committing_and_delivering_at_the_same_time_loses_and_repeats_nothing()
    {
        var delivered = new List<string>();
        var committing = Task.Run(() =>
        {
            for (var number = 0; number < 100; number++)
            {
                store.Commit([Some.Transition($"a{number % 5}", 1 + (number / 5))]);
            }
        }, TestContext.Current.CancellationToken);
        while (delivered.Count < 100)
        {
            foreach (var entry in store.NextPending("hub", 3))
            {
                delivered.Add(entry.IdOf());
                store.MarkDelivered("hub", entry.Entry);
            }
        }

        await committing;
        Assert.Equal(100, delivered.Distinct().Count());
        Assert.All(delivered.GroupBy(id => id[..2]), subject => Assert.Equal(Enumerable.Range(1, 20), subject.Select(id => int.Parse(id[3..], null))));
    }

    private void DeliverAll(string sink)
    {
        foreach (var entry in store.NextPending(sink, 1000))
        {
            store.MarkDelivered(sink, entry.Entry);
        }
    }
}
