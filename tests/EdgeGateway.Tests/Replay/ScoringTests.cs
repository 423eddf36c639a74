using EdgeGateway.Replay;

namespace EdgeGateway.Tests.Replay;

public class ScoringTests
{
    private static readonly SeriesLabels Labels = new(["value"], [[100, 110], [1000, 1100]], "set", 60, 300);

    [Fact]
    public void Events_before_the_warm_up_do_not_count()
    {
        Assert.Equal(1, Score().Events);
    }

    [Theory]
    [InlineData(999, 0, 1)]
    [InlineData(1000, 1, 0)]
    [InlineData(1159, 1, 0)]
    [InlineData(1160, 0, 1)]
    public void An_alert_is_true_while_its_window_touches_the_event(int row, int detected, int wrong)
    {
        var score = Score(row);
        Assert.Equal((detected, wrong), (score.Detected, score.False));
    }

    [Fact]
    public void Alerts_within_sixty_samples_of_one_that_counted_do_not_count()
    {
        Assert.Equal(2, Score(400, 459, 460).False);
    }

    [Fact]
    public void The_figures_are_those_of_the_protocol()
    {
        var score = Score(400, 1010);
        Assert.Equal((0.5, 1.0), (score.Precision, score.Recall));
        Assert.Equal(2.0 / 3, score.F1, 12);
        Assert.Equal(10, score.MedianDelay);
        Assert.Equal(1000.0 * 1 / ((2000 - 300 - 161 + 1) / 60.0), score.FalsePerThousand, 1);
    }

    [Fact]
    public void Windows_that_touch_two_events_are_counted_once_and_none_behind_the_end()
    {
        var overlapping = Labels with { Events = [[1000, 1100], [500, 520], [1110, 1120], [1990, 1999]] };
        Assert.Equal([(500, 579), (1000, 1179), (1990, 2058)], Scoring.Touching(overlapping));
        Assert.Equal(2000 - 300 - 80 - 180 - 10, Scoring.Score(overlapping, 2000, []).Normal);
    }

    [Fact]
    public void Sets_without_an_event_have_no_part_in_the_mean()
    {
        var none = Scoring.Score(Labels with { Events = [] }, 2000, [400]);
        Assert.Equal(Score(1010).F1, Mean(("a", Score(1010)), ("b", none)));
        Assert.True(double.IsNaN(Mean(("b", none))));
    }

    private static double Mean(params (string Set, SeriesScore Score)[] sets) => ScoreTable.MeanF1(new(sets.ToDictionary(s => s.Set, s => (IReadOnlyList<SeriesScore>)[s.Score])));

    private static SeriesScore Score(params int[] rows) => Scoring.Score(Labels, 2000, rows);
}
