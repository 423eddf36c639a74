using System.Text;
using EdgeGateway.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Storage;

public sealed class GatewayStoreTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Some.Noon);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_alerts_come_back_after_a_restart_as_they_last_were()
    {
        using (var store = Open())
        {
            store.Commit([Some.Transition("a"), Some.Transition("b"), Some.Transition("a", 2), Some.Transition("b", 2, open: false)]);
        }

        using var again = Open();
        var alert = Assert.Single(again.OpenAlerts());
        Assert.Equal(("a", 2, "anomaly", Some.Noon), (alert.AlertId, alert.Sequence, alert.Family, alert.Time));
        Assert.Equal("state a.2", Encoding.UTF8.GetString(alert.State.Span));
    }

    [Fact]
    public void Of_each_condition_the_newest_ended_alert_is_known()
    {
        using var store = Open();
        store.Commit([
            Some.Transition("first", subject: "pump", open: false, time: Some.Noon.AddHours(-3)),
            Some.Transition("second", subject: "pump", open: false, time: Some.Noon.AddHours(-2)),
            Some.Transition("third", subject: "pump", time: Some.Noon.AddHours(-1)),
            Some.Transition("other", subject: "tank", open: false, time: Some.Noon.AddHours(-5))]);

        Assert.Equal(["other", "second"], store.LastEnded(Some.Noon.AddDays(-30)).Select(state => state.AlertId).Order());
        Assert.Equal(["second"], store.LastEnded(Some.Noon.AddHours(-2)).Select(state => state.AlertId));
    }

    [Fact]
    public void Ended_alerts_are_forgotten_after_30_days_unless_a_sink_still_waits()
    {
        using var store = Open();
        store.Bounds = store.Bounds with { Expiry = TimeSpan.FromDays(60) };
        store.Commit([Some.Transition("ended", open: false), Some.Transition("open")]);
        store.RegisterSinks(["hub"]);
        store.Commit([Some.Transition("waiting", open: false)]);
        clock.Advance(TimeSpan.FromDays(31));
        store.Commit([Some.Transition("new", time: clock.GetUtcNow())]);

        Assert.Equal(["waiting"], store.LastEnded(DateTimeOffset.MinValue).Select(state => state.AlertId));
        Assert.Equal(["open", "new"], store.OpenAlerts().Select(state => state.AlertId));
    }

    [Fact]
    public void Of_more_ended_alerts_than_may_wait_for_a_sink_the_newest_are_remembered()
    {
        using var store = Open();
        store.Bounds = store.Bounds with { Alerts = 10 };
        store.Commit([.. Enumerable.Range(0, 1500).Select(n => Some.Transition($"a{n}", open: n == 0, time: Some.Noon.AddMinutes(n)))]);
        Assert.Equal(Enumerable.Range(1490, 10).Select(n => $"a{n}"), store.LastEnded(DateTimeOffset.MinValue).OrderBy(s => s.Time).Select(s => s.AlertId));
        Assert.Equal(["a0"], store.OpenAlerts().Select(s => s.AlertId));
    }

    [Fact]
    public void Recordings_of_last_year_and_a_clock_that_is_not_set_keep_their_ended_alerts()
    {
        using (var store = Open())
        {
            store.Commit([Some.Transition("recorded", open: false, time: Some.Noon.AddYears(-1))]);
        }

        using (var unset = GatewayStore.Open(folder.Path, new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(1))))
        {
            unset.Commit([Some.Transition("early", open: false)]);
        }

        using var again = Open();
        again.Commit([Some.Transition("new")]);
        Assert.Equal(["early", "recorded"], again.LastEnded(DateTimeOffset.MinValue).Select(state => state.AlertId).Order());
    }

    [Fact]
    public void A_transition_that_cannot_be_stored_takes_the_whole_commit_back()
    {
        using var store = Open();
        store.RegisterSinks(["hub"]);
        var broken = Some.Transition("b") with { Transition = null! };

        Assert.ThrowsAny<Exception>(() => store.Commit([Some.Transition("a"), broken]));
        Assert.Empty(store.OpenAlerts());
        Assert.Empty(store.NextPending("hub", 10));
        Assert.Equal(1, store.Commit([Some.Transition("a")]));
    }

    [Fact]
    public void Subscriptions_are_replaced_as_a_whole_and_facts_by_name()
    {
        using (var store = Open())
        {
            Assert.Empty(store.LoadSubscriptions());
            Assert.Null(store.ReadFact("eventTime"));
            store.SaveSubscriptions(["plant/+/pump", "old/#"]);
            store.SaveSubscriptions(["plant/+/pump", "plant/tank/level", "plant/tank/level"]);
            store.WriteFact("eventTime", "1");
            store.WriteFact("eventTime", "2");
        }

        using var again = Open();
        Assert.Equal(["plant/+/pump", "plant/tank/level"], again.LoadSubscriptions());
        Assert.Equal("2", again.ReadFact("eventTime"));
    }

    [Fact]
    public void A_database_of_a_newer_module_is_moved_aside_and_said_so()
    {
        Open().Dispose();
        using (var newer = new SqliteConnection($"Data Source={folder.File("gateway.db")};Pooling=False"))
        {
            newer.Open();
            using var command = newer.CreateCommand();
            command.CommandText = "PRAGMA user_version=99";
            command.ExecuteNonQuery();
        }

        using var store = Open();
        Assert.Contains("newer module", store.Damage?.Reason, StringComparison.Ordinal);
        Assert.True(File.Exists(store.Damage!.MovedTo));
        Assert.Equal(1, store.Commit([Some.Transition("a")]));
    }

    private GatewayStore Open() => GatewayStore.Open(folder.Path, clock);
}
