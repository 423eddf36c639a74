using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Ingest;

public class EventTimeTests
{
    private static readonly SourceSettings Source = Any.Source("plant/{pump}", null, "/ts", "p");

    [Theory]
    [InlineData("0001-01-01T00:00:00", "Europe/Berlin")]
    [InlineData("0001-01-01", "Asia/Tokyo")]
    [InlineData("9999-12-31T23:59:59", "America/New_York")]
    [InlineData("0001-01-01T00:00:00+14:00", "UTC")]
    public void A_local_time_that_no_date_in_UTC_can_hold_is_no_time(string text, string zone)
    {
        var bench = new IngestBench(Source with { Zone = TimeZoneInfo.FindSystemTimeZoneById(zone) });
        Assert.Empty(bench.Read("plant/a", $$"""{"ts":"{{text}}","p":1}"""));
        Assert.Equal([RejectReason.Time], bench.Reasons.Select(r => r == RejectReason.Future ? RejectReason.Time : r));
    }

    [Theory]
    [InlineData("2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z")]
    public void The_hour_that_a_zone_has_twice_is_the_one_that_is_not_ahead_of_our_clock(string now, string expected)
    {
        var bench = new IngestBench(Source with { Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin") });
        bench.Clock.AdjustTime(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));
        var reading = Assert.Single(bench.Read("plant/a", """{"ts":"2026-10-25T02:30:00","p":1}"""));
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), reading.Time);
    }

    [Fact]
    public void The_hour_that_a_zone_leaves_out_is_read_as_if_its_clock_had_not_been_set_forward()
    {
        var bench = new IngestBench(Source with { Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin") });
        var reading = Assert.Single(bench.Read("plant/a", """{"ts":"2026-03-29T02:30:00","p":1}"""));
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 30, 0, TimeSpan.Zero), reading.Time);
    }

    [Fact]
    public void While_our_clock_is_unset_a_time_at_the_end_of_all_dates_is_still_no_time()
    {
        var clock = new ClockState(new FakeTimeProvider(DateTimeOffset.UnixEpoch), Any.Noon);
        Assert.Null(clock.Judge(Any.Noon.AddYears(100), DateTimeOffset.UnixEpoch));
        Assert.Equal(RejectReason.Time, clock.Judge(DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void A_clock_that_is_earlier_than_the_newest_checkpointed_event_time_is_unset()
    {
        var time = new FakeTimeProvider(Any.Noon);
        var clock = new ClockState(time, Any.Noon.AddYears(-1));
        clock.Checkpointing(Any.Noon.AddMinutes(-1));
        clock.Checkpointing(Any.Noon.AddMinutes(4));
        Assert.True(clock.IsSet);
        var restarted = new ClockState(new FakeTimeProvider(Any.Noon.AddMinutes(-2)), Any.Noon.AddYears(-1));
        Assert.True(restarted.IsSet);
        restarted.Restore(clock.Floor);
        Assert.False(restarted.IsSet);
    }

    [Fact]
    public void A_sensor_clock_that_jumps_ahead_and_back_costs_nine_readings_and_one_step()
    {
        var bench = new IngestBench(Source);
        List<SensorReading> taken = [.. bench.Read("plant/a", IngestBench.Payload(0, 1)), .. bench.Read("plant/a", IngestBench.Payload(240, 1))];
        for (var second = 2; second < 30; second++)
        {
            taken.AddRange(bench.Read("plant/a", IngestBench.Payload(second, 1)));
        }

        Assert.Equal([11], taken.Where(r => r.ClockStep).Select(r => (int)(r.Time - Any.Noon).TotalSeconds));
        Assert.Equal(9, bench.Accounting.Total("late"));
        Assert.Equal(2 + 28 - 9, bench.Accounting.Total("taken"));
    }
}
