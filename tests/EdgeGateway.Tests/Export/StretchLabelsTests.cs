using EdgeGateway.Export;
using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Export;

/// <summary>What verdicts make of the rows of a file; one row a second from noon on.</summary>
public class StretchLabelsTests
{
    private static readonly long[] Times = [.. Enumerable.Range(0, 1000).Select(i => Any.Noon.AddSeconds(i).UtcTicks)];

    [Fact]
    public void An_alert_judged_true_is_an_event_from_its_window_to_the_row_before_its_end() =>
        Assert.Equal("300..1000: 540-699", Of(("true", 540, 700)));

    [Fact]
    public void One_that_had_not_ended_goes_to_the_last_row() => Assert.Equal("300..1000: 540-999", Of(("true", 540, null)));

    [Fact]
    public void One_that_ended_at_once_is_an_event_of_one_row() => Assert.Equal("300..1000: 540-540", Of(("true", 540, 540)));

    [Fact]
    public void One_judged_false_is_normal_operation() => Assert.Equal("300..1000:", Of(("false", 540, 700)));

    [Fact]
    public void Without_alerts_all_is_normal() => Assert.Equal("300..1000:", Of());

    [Theory]
    [InlineData("unsure")]
    [InlineData(null)]
    public void One_that_nobody_is_sure_of_is_cut_off_with_what_follows_it(string? verdict) => Assert.Equal("300..600: 450-500", Of(("true", 450, 501), (verdict, 600, 700)));

    [Fact]
    public void Rows_before_and_soon_after_an_unjudged_one_are_warm_up_where_the_event_comes_later() => Assert.Equal("351..1000: 540-699", Of((null, 200, 231), ("true", 540, 700)));

    [Fact]
    public void Of_an_event_that_reaches_into_what_is_not_known_the_known_rows_are_left() => Assert.Equal("300..650: 540-649", Of(("true", 540, 900), (null, 650, 700)));

    [Fact]
    public void An_unjudged_alert_in_the_middle_of_too_few_rows_leaves_nothing() => Assert.Equal("nothing", Of((null, 450, 850)));

    [Fact]
    public void Two_alerts_at_the_same_time_are_one_event() => Assert.Equal("300..1000: 540-799", Of(("true", 540, 700), ("true", 600, 800)));

    [Fact]
    public void An_alert_that_a_sensor_of_another_file_led_says_nothing_certain_of_these_unless_it_was_false()
    {
        Assert.Equal("300..540:", Of("q", ("true", 540, 700)));
        Assert.Equal("300..1000:", Of("q", ("false", 540, 700)));
    }

    private static string Of(params (string? Verdict, int Begin, int? End)[] alerts) => Of("p", alerts);

    private static string Of(string sensor, params (string? Verdict, int Begin, int? End)[] alerts)
    {
        var recorded = alerts.Select((a, i) => new RecordedAlert($"a{i}", "p", Any.Noon.AddSeconds(a.Begin), a.End is { } end ? Any.Noon.AddSeconds(end) : null));
        var verdicts = alerts.Select((a, i) => (Id: $"a{i}", a.Verdict)).Where(a => a.Verdict is not null).ToDictionary(a => a.Id, a => new AlertFeedback(a.Id, Any.Noon, "Ada", a.Verdict!, ""));
        return StretchLabels.Of(Times, [sensor], recorded, verdicts) is { } known ? $"{known.Warmup}..{known.Rows}: {string.Join(' ', known.Events.Select(e => $"{e.First}-{e.Last}"))}".TrimEnd() : "nothing";
    }
}
