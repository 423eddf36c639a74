using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Alerts;

public class LifeCycleTests
{
    private readonly AlarmBench bench = new();
    private readonly Sensor pressure = AlarmBench.Sensor("p1/pressure", "p1");
    private readonly Sensor flow = AlarmBench.Sensor("p1/flow", "p1");

    [Fact]
    public void An_alert_is_acknowledged_once_also_after_it_was_cleared()
    {
        bench.Limit(pressure);
        var id = bench.Transitions[0].AlertId;
        bench.Limit(pressure, outside: false);
        var acknowledged = bench.Command(AlertAction.Acknowledge, id).Alert!;
        Assert.Equal((3, false, "Ada", bench.Now), (acknowledged.Sequence, acknowledged.Active, acknowledged.By, acknowledged.AcknowledgedAt));
        Assert.Equal(409, bench.Command(AlertAction.Acknowledge, id).Status);
        Assert.Equal(404, bench.Command(AlertAction.Acknowledge, "abcdefghij2345672345").Status);
        Assert.Equal(["p1/pressure limit raised", "p1/pressure limit cleared", "p1/pressure limit acknowledged"], bench.Seen());
    }

    [Fact]
    public void A_new_alert_of_the_same_condition_is_not_acknowledged()
    {
        bench.Limit(pressure);
        bench.Command(AlertAction.Acknowledge, bench.Transitions[0].AlertId);
        bench.Limit(pressure, outside: false);
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Limit(pressure);
        Assert.Null(bench.Transitions[^1].AcknowledgedAt);
    }

    [Fact]
    public void While_a_condition_is_shelved_its_next_raise_waits_and_is_told_when_the_time_is_over()
    {
        bench.Limit(pressure);
        bench.Command(AlertAction.Shelve, bench.Transitions[0].AlertId, TimeSpan.FromHours(2));
        bench.Limit(pressure, outside: false);
        bench.Pass(TimeSpan.FromHours(1));
        bench.Limit(pressure);
        Assert.Equal(["p1/pressure limit raised", "p1/pressure limit shelved", "p1/pressure limit cleared"], bench.Seen());
        var raisedAt = bench.Now;
        bench.Pass(TimeSpan.FromHours(1.1));
        Assert.Equal(["p1/pressure limit unshelved", "p1/pressure limit raised"], bench.Seen());
        Assert.Equal((raisedAt, 1), (bench.Transitions[^1].Time, bench.Transitions[^1].Sequence));
    }

    [Fact]
    public void What_began_and_ended_while_it_was_shelved_is_counted_and_not_told()
    {
        bench.Limit(pressure);
        bench.Command(AlertAction.Shelve, bench.Transitions[0].AlertId, TimeSpan.FromHours(2));
        bench.Limit(pressure, outside: false);
        bench.Limit(pressure);
        bench.Limit(pressure, outside: false);
        bench.Pass(TimeSpan.FromHours(3));
        Assert.Equal(["p1/pressure limit raised", "p1/pressure limit shelved", "p1/pressure limit cleared", "p1/pressure limit unshelved"], bench.Seen());
        Assert.Equal(1, bench.Accounting.Of("alerts.suppressed", reason: "shelved").Value);
    }

    [Fact]
    public void An_open_alert_says_when_its_shelf_is_over_and_who_ended_it()
    {
        bench.Limit(pressure);
        var id = bench.Transitions[0].AlertId;
        bench.Command(AlertAction.Shelve, id, TimeSpan.FromHours(2));
        Assert.Equal("Ada", bench.Command(AlertAction.Unshelve, id).Alert!.By);
        Assert.Equal(409, bench.Command(AlertAction.Unshelve, id).Status);
        bench.Command(AlertAction.Shelve, id, TimeSpan.FromHours(2));
        bench.Pass(TimeSpan.FromHours(2));
        Assert.Equal((Transition.Unshelved, "", (DateTimeOffset?)null), (bench.Transitions[^1].Transition, bench.Transitions[^1].By, bench.Transitions[^1].ShelvedUntil));
    }

    [Theory]
    [InlineData(0, false, 400)]
    [InlineData(25, false, 400)]
    [InlineData(24, false, 200)]
    [InlineData(1, true, 403)]
    public void Shelves_are_bounded_and_what_is_severe_is_shelved_by_the_hub_alone(int hours, bool isLocal, int status)
    {
        bench.Limit(AlarmBench.Sensor("reactor", "reactor", criticality: Criticality.Critical));
        Assert.Equal(900, bench.Transitions[0].Severity);
        Assert.Equal(status, bench.Command(AlertAction.Shelve, bench.Transitions[0].AlertId, TimeSpan.FromHours(hours), isLocal).Status);
    }

    [Fact]
    public void A_silent_sensor_beside_another_one_of_its_asset_is_told_only_when_it_is_left_alone()
    {
        bench.Silent(pressure);
        bench.Silent(flow);
        Assert.Equal(["p1/pressure silent raised"], bench.Seen());
        bench.Silent(pressure, silent: false);
        Assert.Equal(["p1/pressure silent cleared", "p1/flow silent raised"], bench.Seen());
    }

    [Fact]
    public void Of_many_silent_sensors_of_one_source_three_are_told()
    {
        for (var i = 0; i < 50; i++)
        {
            bench.Silent(AlarmBench.Sensor($"s{i}", $"s{i}"));
        }

        bench.Silent(AlarmBench.Sensor("other", "other", source: "others"));
        bench.Silent(AlarmBench.Sensor("boiler", "boiler", criticality: Criticality.Critical));
        Assert.Equal(["s0 silent raised", "s1 silent raised", "s2 silent raised", "other silent raised", "boiler silent raised"], bench.Seen());
    }

    [Fact]
    public void Too_many_alerts_are_held_back_and_one_alert_says_so_until_it_is_over()
    {
        var many = new AlarmBench(maxPerHour: 8);
        many.Pass(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 20; i++)
        {
            many.Silent(AlarmBench.Sensor($"s{i:00}", $"s{i:00}", source: $"source{i}"));
        }

        many.Limit(pressure);
        Assert.Equal(8, many.Transitions.Count(t => t.Family == "silent"));
        Assert.Equal(1, many.Transitions.Count(t => t.Kind == "flood"));
        Assert.Contains(many.Transitions, t => t.Family == "limit");
        many.Seen();
        for (var minute = 0; minute < 120; minute++)
        {
            many.Pass(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([.. Enumerable.Range(8, 12).Select(i => $"s{i:00} silent raised"), "north-3/flood own cleared"], many.Seen());
    }

    [Fact]
    public void One_asset_has_a_quarter_of_the_rate()
    {
        var many = new AlarmBench(maxPerHour: 8);
        many.Pass(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 5; i++)
        {
            many.Silent(pressure);
            many.Silent(pressure, silent: false);
        }

        Assert.Equal(2, many.Transitions.Count(t => t is { Family: "silent", Transition: Transition.Raised }));
        Assert.Equal(3, many.Accounting.Of("alerts.suppressed", reason: "flood").Value);
    }

    [Fact]
    public void A_flapping_limit_stays_one_alert_until_it_has_been_quiet_and_says_so()
    {
        for (var i = 0; i < 10; i++)
        {
            bench.Limit(pressure);
            bench.Limit(pressure, outside: false);
            bench.Pass(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([1, 2, 1, 2, 1, 2, 1], bench.Transitions.Select(t => t.Sequence));
        Assert.EndsWith("It was raised 4 times within an hour and stays open until it has been quiet for 15 minutes.", bench.Transitions[^1].Text, StringComparison.Ordinal);
        Assert.Contains(bench.Transitions[^1].Evidence, e => e is { Key: "raisedInHour", Value: 4 });
        bench.Pass(TimeSpan.FromMinutes(13));
        bench.Healthy(pressure);
        Assert.Equal(7, bench.Transitions.Count);
        bench.Pass(TimeSpan.FromMinutes(2));
        bench.Healthy(pressure);
        Assert.Equal(Transition.Cleared, bench.Transitions[^1].Transition);
    }

    [Fact]
    public async Task What_was_unshelved_after_its_end_stays_so_over_a_kill()
    {
        bench.Limit(pressure);
        var id = bench.Transitions[0].AlertId;
        bench.Command(AlertAction.Shelve, id, TimeSpan.FromHours(2));
        bench.Limit(pressure, outside: false);
        bench.Command(AlertAction.Unshelve, id);
        await bench.RestartAsync(snapshot: null);
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Limit(pressure);
        Assert.Equal("p1/pressure limit raised", bench.Seen()[^1]);
    }

    [Fact]
    public void An_alert_that_is_still_active_is_told_again_and_asks_for_another_acknowledgement()
    {
        var slow = Reminding();
        slow.Limit(pressure);
        slow.Command(AlertAction.Acknowledge, slow.Transitions[0].AlertId);
        slow.Pass(TimeSpan.FromMinutes(59));
        Assert.Equal(2, slow.Transitions.Count);
        slow.Pass(TimeSpan.FromMinutes(1));
        slow.Pass(TimeSpan.FromMinutes(59));
        slow.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal([(3, 1.0), (4, 2.0)], slow.Transitions.Skip(2).Select(t => (t.Sequence, t.Evidence.Single(e => e.Key == "realarms").Value)));
        Assert.All(slow.Transitions.Skip(2), t => Assert.Equal((Transition.Updated, true, null), (t.Transition, t.Active, t.AcknowledgedAt)));
        Assert.Equal("p1/pressure is at 2, outside 0 to 1. It still holds: reminder 2.", slow.Transitions[^1].Text);
        Assert.Equal(2, slow.Accounting.Of("alerts.realarmed").Value);
        slow.Limit(pressure, outside: false);
        slow.Pass(TimeSpan.FromHours(5));
        Assert.Equal(Transition.Cleared, slow.Transitions[^1].Transition);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_time_to_tell_an_alert_again_goes_on_over_a_restart_and_begins_anew_with_a_clock_that_is_set_back(bool killed)
    {
        var path = Path.Combine(Path.GetTempPath(), $"edgegateway-{Guid.NewGuid():N}.snapshot");
        var slow = Reminding();
        slow.Limit(pressure);
        slow.Pass(TimeSpan.FromMinutes(40));
        await slow.RestartAsync(killed ? null : path);
        slow.Pass(TimeSpan.FromMinutes(20));
        Assert.Equal(2, slow.Transitions.Count);
        slow.Pass(TimeSpan.FromDays(-1));
        slow.Pass(TimeSpan.FromMinutes(59));
        Assert.Equal(2, slow.Transitions.Count);
        slow.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(3, slow.Transitions.Count);
        File.Delete(path);
    }

    [Fact]
    public void What_is_shelved_is_not_told_again_and_has_the_whole_time_afterwards()
    {
        var slow = Reminding();
        slow.Silent(pressure);
        slow.Command(AlertAction.Shelve, slow.Transitions[0].AlertId, TimeSpan.FromMinutes(90));
        slow.Pass(TimeSpan.FromMinutes(89));
        Assert.Equal(["p1/pressure silent raised", "p1/pressure silent shelved"], slow.Seen());
        slow.Pass(TimeSpan.FromMinutes(1));
        slow.Pass(TimeSpan.FromMinutes(59));
        Assert.Equal(["p1/pressure silent unshelved"], slow.Seen());
        slow.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(["p1/pressure silent updated"], slow.Seen());
    }

    [Fact]
    public void What_was_held_has_the_whole_time_once_it_is_told()
    {
        var slow = Reminding();
        slow.Silent(pressure);
        slow.Silent(flow);
        slow.Pass(TimeSpan.FromMinutes(59));
        slow.Silent(pressure, silent: false);
        slow.Pass(TimeSpan.FromMinutes(59));
        Assert.Equal(["p1/pressure silent raised", "p1/pressure silent cleared", "p1/flow silent raised"], slow.Seen());
        slow.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(["p1/flow silent updated"], slow.Seen());
    }

    [Fact]
    public void A_flapping_condition_is_told_again_only_when_it_has_held_for_an_hour()
    {
        var often = Reminding(TimeSpan.FromMinutes(15));
        for (var i = 0; i < 4; i++)
        {
            often.Limit(pressure);
            often.Limit(pressure, outside: false);
        }

        for (var i = 0; i < 12; i++)
        {
            often.Limit(pressure);
            often.Pass(TimeSpan.FromMinutes(10));
            often.Limit(pressure, outside: false);
            often.Pass(TimeSpan.FromMinutes(4));
        }

        often.Limit(pressure);
        often.Pass(TimeSpan.FromMinutes(59));
        Assert.DoesNotContain(often.Transitions, t => t.Transition == Transition.Updated);
        often.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(Transition.Updated, often.Transitions[^1].Transition);
    }

    [Fact]
    public void A_newer_description_of_an_alert_still_says_how_often_it_was_told_again()
    {
        var slow = Reminding();
        slow.Limit(pressure);
        var fresh = slow.Transitions[0] with { Text = "It is worse.", Evidence = [new("value", 3)] };
        Assert.Equal(fresh.Text, Realarm.Keep(slow.Transitions[0], fresh).Text);
        slow.Pass(TimeSpan.FromHours(1));
        var kept = Realarm.Keep(slow.Transitions[1], fresh);
        Assert.Equal(("It is worse. It still holds: reminder 1.", slow.Now), (kept.Text, kept.ToldAt));
        Assert.Equal([("value", 3), ("realarms", 1)], kept.Evidence.Select(e => (e.Key, e.Value)));
    }

    [Fact]
    public void Without_the_setting_nothing_is_told_again_nor_noted()
    {
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Limit(pressure);
        bench.Pass(TimeSpan.FromDays(300));
        Assert.Null(Assert.Single(bench.Transitions).ToldAt);
    }

    private static AlarmBench Reminding(TimeSpan? realarm = null)
    {
        var bench = new AlarmBench(realarm: realarm ?? TimeSpan.FromHours(1));
        bench.Pass(TimeSpan.Zero);
        return bench;
    }
}
