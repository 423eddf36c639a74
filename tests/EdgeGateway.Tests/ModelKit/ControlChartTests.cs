using EdgeGateway.ModelKit.Evaluation;

namespace EdgeGateway.Tests.ModelKit;

public sealed class ControlChartTests
{
    public static TheoryData<string> Names => [.. ControlChart.All.Select(chart => chart.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Noise_alone_is_not_alerted_and_a_large_lasting_shift_is(string name)
    {
        var alerts = Alerts(name, Noise(3000, i => i >= 2000 ? 30 : 0));
        Assert.DoesNotContain(alerts, row => row < 2000);
        Assert.Contains(alerts, row => row is >= 2000 and < 2100);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_comes_later_changes_no_earlier_decision(string name)
    {
        var whole = Alerts(name, Noise(3000, i => i >= 1000 ? i / 100.0 : 0));
        Assert.Equal(whole.Where(row => row < 1500), Alerts(name, [.. Noise(3000, i => i >= 1000 ? i / 100.0 : 0).Take(1500)]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sensor_that_stands_still_or_sends_nothing_or_extremes_is_borne(string name)
    {
        Assert.Empty(Alerts(name, [.. Enumerable.Repeat(7.0, 1000)]));
        Assert.Empty(Alerts(name, [.. Enumerable.Repeat(double.NaN, 1000)]));
        Alerts(name, [.. Enumerable.Range(0, 1000).Select(i => i % 2 == 0 ? 1e300 : -1e300)]);
    }

    [Fact]
    public void A_score_is_the_distance_from_the_median_in_median_deviations_of_the_samples_before()
    {
        var (standard, values) = (new StandardScore(100), Noise(1000, _ => 0));
        for (var i = 0; i < values.Length; i++)
        {
            var score = standard.Next(values[i]);
            if (i is 500 or 730)
            {
                double[] before = [.. values[(i - 100)..i].Order()];
                var median = (before[49] + before[50]) / 2;
                double[] distances = [.. before.Select(v => Math.Abs(v - median)).Order()];
                Assert.Equal((values[i] - median) / (1.4826 * (distances[49] + distances[50]) / 2), score, 1e-6);
            }
        }
    }

    private static List<int> Alerts(string name, double[] values)
    {
        var chart = ControlChart.All.Single(c => c.Name == name).New();
        return [.. values.Select((v, i) => (Alerts: chart.Alerts(v), i)).Where(x => x.Alerts).Select(x => x.i)];
    }

    private static double[] Noise(int length, Func<int, double> added)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, length).Select(i => added(i) + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
    }
}
