using EdgeGateway.ModelKit.Evaluation;
using EdgeGateway.Replay;

namespace EdgeGateway.Tests.ModelKit;

public sealed class EvaluationReportTests
{
    private static readonly SpeedFigures Speed = new(0, null, 1, 0, 0, 0);

    [Fact]
    public void The_difference_is_paired_so_one_that_is_the_same_in_every_series_has_a_narrow_interval()
    {
        var series = Enumerable.Range(0, 12).Select(i => Series("a", shipped: (10, 10 - (i % 10)), gate: (10, Math.Max(0, 9 - (i % 10))))).ToArray();
        var report = EvaluationReport.Of("m", series, Speed);
        var shipped = report.Means.Single(m => m.Judge == SeriesEvaluation.Shipped).MeanF1;
        Assert.True(shipped.High - shipped.Low > 0.2);
        Assert.InRange(report.ShippedMinusGate.High!.Value - report.ShippedMinusGate.Low!.Value, 0, 0.12);
        Assert.InRange(report.ShippedMinusGate.Low!.Value, 0.01, report.ShippedMinusGate.Value!.Value);
    }

    [Fact]
    public void The_mean_is_over_sets_not_series()
    {
        var report = EvaluationReport.Of("m", [Series("a", (10, 10), (10, 5)), Series("a", (10, 10), (10, 5)), Series("b", (10, 0), (10, 5))], Speed);
        Assert.Equal(0.5, report.ShippedMeanF1!.Value, 12);
    }

    [Fact]
    public void A_confidence_that_is_as_often_right_as_it_says_has_no_error()
    {
        var reliability = new Reliability();
        for (var i = 0; i < 100; i++)
        {
            reliability.Add(0.25, i % 4 == 0);
        }

        Assert.Equal(0, reliability.ExpectedError, 12);
        reliability.Add(1, false);
        Assert.Equal(1 / 101.0, reliability.ExpectedError, 12);
        Assert.Equal([(0.2, 100L), (0.9, 1L)], reliability.Bins.Select(b => (b.From, b.Windows)));
    }

    private static EvaluatedSeries Series(string set, (int Events, int Detected) shipped, (int Events, int Detected) gate) => new(
        new ReplayFile("", "", null), new SeriesLabels(["v"], [], set, 60, 0), 100, 10, 1000,
        [.. SeriesEvaluation.Judges.Select((_, i) => Judged(i == SeriesEvaluation.GatePlace ? gate : shipped))],
        new Reliability(), [], 0, TimeSpan.Zero);

    private static JudgedSeries Judged((int Events, int Detected) found) => new(new SeriesScore(found.Events, found.Detected, found.Detected, 0, 100, 1, []), [], null, null);
}
