using EdgeGateway.Demo;
using SensorSimulator.Plant;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.Demo;

public class DemoScoreTests
{
    private static readonly PlantFault Drift = new("l1/p1", "pressure", FaultKind.Drift, DemoAlerts.Start.AddSeconds(500), DemoAlerts.Start.AddSeconds(600), 4, .08);
    private static readonly PlantFault Stuck = new("l1/p2", "flow", FaultKind.Stuck, DemoAlerts.Start.AddSeconds(800), DemoAlerts.Start.AddSeconds(900), 5, .6);
    private readonly DemoScore score = new([Drift, Stuck]);

    [Theory]
    [InlineData(500)]
    [InlineData(600)]
    [InlineData(720)]
    public void An_alert_during_a_fault_or_two_minutes_after_it_finds_it(int second)
    {
        score.Add(DemoAlerts.Raised("a", "l1/p1", second));
        Assert.Equal((1, 0, 1), (score.Found, score.False, score.NamedRight));
        Assert.Equal(Drift, score.FaultOf(DemoAlerts.Raised("a", "l1/p1", second)));
    }

    [Theory]
    [InlineData("l1/p1", 499)]
    [InlineData("l1/p1", 721)]
    [InlineData("l1/p2", 550)]
    public void An_alert_before_or_long_after_it_or_of_another_asset_is_false(string asset, int second)
    {
        score.Add(DemoAlerts.Raised("a", asset, second));
        Assert.Equal((0, 1, 0), (score.Found, score.False, score.NamedRight));
    }

    [Fact]
    public void The_end_of_an_alert_belongs_to_the_fault_of_its_beginning()
    {
        var raised = DemoAlerts.Raised("a", "l1/p1", 700);
        score.Add(raised);
        score.Add(raised.Cleared(1500));
        Assert.Equal(Drift, score.FaultOf(raised.Cleared(1500)));
        Assert.Equal((1, 0), (score.Found, score.False));
    }

    [Fact]
    public void The_newest_name_counts_and_several_alerts_find_a_fault_once()
    {
        var raised = DemoAlerts.Raised("a", "l1/p1", 550, "unusual");
        score.Add(raised);
        Assert.Equal(0, score.NamedRight);
        score.Add(raised with { Sequence = 2, Kind = "drift" });
        score.Add(DemoAlerts.Raised("b", "l1/p1", 590, "drift"));
        Assert.Equal((1, 0, 1), (score.Found, score.False, score.NamedRight));
        Assert.Equal(["drift"], score.KindsNamedRight);
    }

    [Fact]
    public void Alerts_that_are_no_anomaly_do_not_count()
    {
        score.Add(DemoAlerts.Raised("a", "l1/p1", 550) with { Family = "silent" });
        Assert.Equal((0, 0, 0), (score.Found, score.False, score.NamedRight));
    }

    [Fact]
    public void A_line_a_fault_says_what_came_of_it()
    {
        score.Add(DemoAlerts.Raised("a", "l1/p1", 550, "unusual"));
        Assert.Equal(
            [
                "  08:08:20 drift       l1/p1/pressure           size 4.0 x 0.08, 101 s: found after 50 s, called unusual",
                "  08:13:20 stuck       l1/p2/flow               size 5.0 x 0.6, 101 s: missed",
            ],
            score.Lines());
    }
}
