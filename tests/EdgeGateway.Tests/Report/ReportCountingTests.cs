using EdgeGateway.Alerts;
using EdgeGateway.Report;

namespace EdgeGateway.Tests.Report;

/// <summary>Each definition of docs/formats/report.md on a small history that was made by hand.</summary>
public sealed class ReportCountingTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Past past = new();

    public void Dispose() => past.Dispose();

    [Fact]
    public void Nothing_at_all_is_a_report_of_nothing()
    {
        var report = past.Count();
        Assert.Equal((0, 0, 0.0, 0, 30, ""), (report.Raised, report.Active, report.Rates.PerDay.Average, report.Rates.PerDay.Peak, report.Days.Length, report.Gateway));
        Assert.Null(report.Rates.PerDay.PeakAt);
        Assert.Null(report.Bytes.UpstreamShare);
    }

    [Fact]
    public void The_average_is_over_the_time_that_something_is_known_of_and_the_peak_over_periods_of_the_clock()
    {
        // two days before today, and the half of today that is over: 2.5 days
        var day = Past.Now.AddDays(-2);
        past.Add("a", day.AddMinutes(-1), Minute);
        past.Add("b", day, Minute);
        past.Add("c", day.AddMinutes(9), Minute);
        past.Add("d", day.AddMinutes(10), Minute);
        past.Add("e", Past.Now.AddMinutes(-5), Minute);
        var report = past.Count();
        Assert.Equal((5, 2.5), (report.Raised, report.LengthDays));
        Assert.Equal(new Rate(2, 4, day.AddHours(-12)), report.Rates.PerDay);
        Assert.Equal(new Rate(5 / 60.0, 3, day), report.Rates.PerHour);
        Assert.Equal(new Rate(5 / 360.0, 2, day), report.Rates.PerTenMinutes);
        Assert.Equal([4, 0, 1], report.Days.Select(d => d.Raised));
    }

    [Fact]
    public void A_period_of_so_many_days_is_today_and_those_before()
    {
        past.Add("before", Past.Now.Date.AddDays(-1).AddMinutes(-1), Minute);
        past.Add("within", new DateTimeOffset(Past.Now.Date, TimeSpan.Zero).AddDays(-1), Minute);
        var report = past.Count(days: 2);
        Assert.Equal((1, 2), (report.Raised, report.Days.Length));
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(11, 1)]
    public void More_than_ten_alerts_in_ten_minutes_are_a_flood(int alerts, int floods)
    {
        var begin = Past.Now.AddDays(-1);
        for (var i = 0; i < alerts; i++)
        {
            past.Raise($"s{i}", begin.AddSeconds(i));
        }

        var rates = past.Count().Rates;
        Assert.Equal((floods, floods / (1.5 * 144)), (rates.FloodPeriods, rates.FloodShare));
    }

    [Theory]
    [InlineData(30, 60, 1, 3)]
    [InlineData(30, 61, 0, 0)]
    public void A_condition_raised_three_times_within_a_minute_chatters(int second, int third, int conditions, int alerts)
    {
        foreach (var after in new[] { 0, second, third })
        {
            past.Add("a", Past.Now.AddHours(-5).AddSeconds(after), TimeSpan.FromSeconds(5));
        }

        past.Add("b", Past.Now.AddHours(-5), TimeSpan.FromSeconds(5));
        var nuisances = past.Count().Nuisances;
        Assert.Equal((conditions, alerts), (nuisances.ChatteringConditions, nuisances.Chattering));
        Assert.Equal(4 - alerts, nuisances.Fleeting);
    }

    [Fact]
    public void A_run_that_goes_on_chattering_counts_each_of_its_alerts_once()
    {
        for (var i = 0; i < 6; i++)
        {
            past.Add("a", Past.Now.AddHours(-5).AddSeconds(20 * i), TimeSpan.FromSeconds(5));
        }

        Assert.Equal((1, 6, 0, 5), past.Count().Nuisances is var n ? (n.ChatteringConditions, n.Chattering, n.Fleeting, n.Repeated) : default);
    }

    [Fact]
    public void The_same_subject_in_another_family_is_another_condition()
    {
        var at = Past.Now.AddHours(-5);
        past.Add("a", at, Minute);
        past.Add("a", at.AddSeconds(1), Minute, Family.Limit);
        past.Add("a", at.AddSeconds(2), Minute, Family.Silent);
        Assert.Equal((0, 0), past.Count().Nuisances is var n ? (n.ChatteringConditions, n.Repeated) : default);
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(61, 0)]
    public void Raised_again_within_an_hour_is_a_repeat(int minutes, int repeated)
    {
        past.Add("a", Past.Now.AddHours(-5), 2 * Minute);
        past.Add("a", Past.Now.AddHours(-5).AddMinutes(minutes), 2 * Minute);
        Assert.Equal(repeated, past.Count().Nuisances.Repeated);
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(61, 0)]
    public void What_ends_within_a_minute_is_fleeting(int seconds, int fleeting)
    {
        past.Add("a", Past.Now.AddHours(-5), TimeSpan.FromSeconds(seconds));
        Assert.Equal(fleeting, past.Count().Nuisances.Fleeting);
    }

    [Fact]
    public void What_is_or_was_active_for_more_than_a_day_is_stale_active_ones_and_the_longest_first()
    {
        past.Raise("open for a day", Past.Now.AddDays(-1));
        past.Raise("open longer", Past.Now.AddDays(-1).AddMinutes(-6));
        past.Raise("open since long before the period", Past.Now.AddDays(-90));
        past.Add("ended", Past.Now.AddDays(-5), TimeSpan.FromDays(3));
        past.Add("ended before the period", Past.Now.AddDays(-60), TimeSpan.FromDays(5));
        var report = past.Count();
        Assert.Equal((2, 1, 3), (report.Stale.Active, report.Stale.Ended, report.Active));
        Assert.Equal([("open since long before the period", 2160.0, true), ("open longer", 24.1, true), ("ended", 72.0, false)], report.Stale.Longest.Select(s => (s.Subject, s.Hours, s.Active)));
        Assert.Equal(3, report.Raised);
    }

    [Fact]
    public void An_alert_counts_where_it_was_raised_whatever_was_updated_since()
    {
        past.Raise("a", Past.Now.AddDays(-3));
        past.Update("a", Past.Now.AddHours(-1));
        var report = past.Count();
        Assert.Equal(72, Assert.Single(report.Stale.Longest).Hours);
        Assert.Equal([1, 0, 0, 0], report.Days.Select(d => d.Raised));
    }

    [Fact]
    public void An_alert_that_is_acknowledged_days_after_its_end_was_no_longer_active_for_it()
    {
        past.Add("a", Past.Now.AddDays(-3), TimeSpan.FromSeconds(30));
        past.Acknowledge("a", Past.Now.AddHours(-1));
        past.Raise("b", Past.Now.AddDays(-3));
        past.Acknowledge("b", Past.Now.AddHours(-1));
        var report = past.Count();
        Assert.Equal((1, 0, 1), (report.Stale.Active, report.Stale.Ended, report.Nuisances.Fleeting));
    }

    [Fact]
    public void The_ten_conditions_raised_most_often_are_named_with_their_share()
    {
        for (var condition = 0; condition < 12; condition++)
        {
            for (var i = 0; i <= condition; i++)
            {
                past.Add($"s{condition:00}", Past.Now.AddHours(-5).AddSeconds((100 * condition) + i), Minute);
            }
        }

        var offenders = past.Count().Offenders;
        Assert.Equal([.. Enumerable.Range(2, 10).Reverse().Select(c => ($"s{c:00}", c + 1))], offenders.Top.Select(o => (o.Subject, o.Alerts)));
        Assert.Equal(75 / 78.0, offenders.Share, 12);
        Assert.Equal(12 / 78.0, offenders.Top[0].Share, 12);
    }

    [Fact]
    public void Alerts_are_parted_by_hundreds_of_severity_and_by_family()
    {
        var at = Past.Now.AddHours(-5);
        past.Add("a", at, Minute, severity: 1000);
        past.Add("b", at, Minute, severity: 499);
        past.Add("c", at, Minute, Family.Limit, severity: 400);
        past.Add("d", at, Minute, severity: 7);
        var report = past.Count();
        Assert.Equal([("1000", 1, 0.25), ("400-499", 2, 0.5), ("1-99", 1, 0.25)], report.BySeverity.Select(s => (s.Name, s.Alerts, s.Of)));
        Assert.Equal([("limit", 1), ("anomaly", 3)], report.ByFamily.Select(s => (s.Name, s.Alerts)));
    }

    [Fact]
    public void That_an_asset_is_out_of_service_is_no_alert_of_the_report()
    {
        past.Raise("north-3/maintenance/p1", Past.Now.AddDays(-3), Family.Own, kind: "maintenance");
        var report = past.Count();
        Assert.Equal((0, 0, 0, 0), (report.Raised, report.Active, report.Stale.Active, report.Unreadable));
    }

    [Fact]
    public void Bytes_and_what_was_suppressed_come_from_the_sums_by_day_and_the_local_broker_is_not_upstream()
    {
        var today = DateOnly.FromDateTime(Past.Now.Date);
        past.Store.AddDaily(today, Sums(("bytes.received", 1000), ("bytes.delivered.hub", 10), ("bytes.delivered.mqtt", 70), ("bytes.delivered.webhook", 5), ("alerts.suppressed.flood", 3)));
        past.Store.AddDaily(today, Sums(("bytes.received", 1000)));
        past.Store.AddDaily(today.AddDays(-1), Sums(("bytes.received", 3000), ("bytes.delivered.hub", 35), ("alerts.suppressed.outOfService", 2)));
        past.Store.AddDaily(today.AddDays(-31), Sums(("bytes.received", 99999)));
        var report = past.Count();
        Assert.Equal((5000, 50, 0.01), (report.Bytes.Received, report.Bytes.Upstream, report.Bytes.UpstreamShare));
        Assert.Equal([("hub", 45), ("mqtt", 70), ("webhook", 5)], report.Bytes.Delivered.Select(d => (d.Key, d.Value)));
        Assert.Equal([("flood", 3), ("outOfService", 2)], report.Suppressed.Select(s => (s.Key, s.Value)));
        Assert.Equal([(2000, 15, 3), (3000, 35, 2)], report.Days.Reverse().Take(2).Select(d => (d.Bytes.Received, d.Bytes.Upstream, d.Suppressed)));
    }

    private static Dictionary<string, long> Sums(params (string Name, long Value)[] sums) => sums.ToDictionary(s => s.Name, s => s.Value);
}
