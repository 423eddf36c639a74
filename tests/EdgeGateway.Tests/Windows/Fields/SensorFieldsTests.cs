using CsCheck;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Windows.Fields;

public sealed class SensorFieldsTests
{
    private static readonly Gen<double> Extreme = OneOf(
        0, -0.0, 1, double.Epsilon, -double.Epsilon, 1e-308, 1e-15, 1e15, -1e15, 1.0000001e15, 1e300, -1e300, double.MaxValue,
        double.NaN, double.PositiveInfinity, double.NegativeInfinity);

    [Fact]
    public void Extreme_values_give_bounded_fields_and_no_exceptions()
    {
        var time = Gen.OneOf(OneOf(double.NaN, double.NegativeInfinity, 1e300, -1, 0, 1e12), Gen.Double[0, 1e7]);
        Gen.Select(time, Gen.OneOf(Extreme, Gen.Double[-1, 1])).Array[0, 800].Sample(
            series =>
            {
                var sensor = new SensorFields();
                var raw = new double[SensorFields.Count];
                foreach (var (seconds, value) in series)
                    if (sensor.Push(value, seconds, raw))
                        Assert.All(raw, field => Assert.True(double.IsNaN(field) || Math.Abs(field) <= 1e6));
            },
            iter: 100);
    }

    [Fact]
    public void A_later_sample_does_not_change_earlier_fields()
    {
        var series = SyntheticSeries.Make(1000);
        var raw = new double[SensorFields.Count];
        var (sensor, other) = (new SensorFields(), new SensorFields());
        for (var i = 0; i < series.Count; i++)
        {
            var made = new double[SensorFields.Count];
            var hop = sensor.Push(series[i].Value, series[i].Seconds, made);
            Assert.Equal(hop, other.Push(series[i].Value, i < 600 ? series[i].Seconds : double.NaN, raw));
            if (hop && i < 600)
                Assert.Equal(made, raw);
        }
    }

    [Fact]
    public void Before_the_first_finite_value_there_is_nothing_but_the_hop_is_counted()
    {
        var sensor = new SensorFields();
        var raw = new double[SensorFields.Count];
        for (var i = 0; i < 13; i++)
            Assert.False(sensor.Push(double.NaN, i, raw));
        Assert.Equal(0, sensor.Evidence().Samples);
        Assert.Equal(0, sensor.CopyLast(raw));
        for (var i = 13; i < 19; i++)
            Assert.False(sensor.Push(5, i, raw));
        Assert.True(sensor.Push(5, 19, raw));
        Assert.Equal((20, 7), (sensor.Pushes, sensor.Samples));
    }

    [Fact]
    public void Evidence_is_in_the_unit_of_the_sensor()
    {
        var sensor = new SensorFields();
        var raw = new double[SensorFields.Count];
        for (var i = 0; i < 240; i++)
            sensor.Push(100 + i % 3, double.NaN, raw);
        for (var i = 0; i < 60; i++)
            sensor.Push(i < 59 ? 108 : 109, double.NaN, raw);
        var evidence = sensor.Evidence();
        Assert.Equal((60, 108, 109, 109), (evidence.Samples, evidence.Min, evidence.Max, evidence.Last));
        Assert.Equal(108 + 1 / 60.0, evidence.Mean, 9);
        Assert.Equal(101, evidence.BaselineMedian);
        Assert.Equal(1.4826, evidence.BaselineSpread, 4);
        var last = new double[3];
        Assert.Equal(3, sensor.CopyLast(last));
        Assert.Equal([108, 108, 109], last);
    }

    [Fact]
    public void A_young_sensor_has_no_baseline_in_its_evidence()
    {
        var sensor = new SensorFields();
        var raw = new double[SensorFields.Count];
        for (var i = 0; i < 30; i++)
            sensor.Push(7, double.NaN, raw);
        var evidence = sensor.Evidence();
        Assert.Equal((30, 7, double.NaN), (evidence.Samples, evidence.Mean, evidence.BaselineMedian));
    }

    [Fact]
    public void After_a_clock_step_the_daily_pattern_takes_earlier_times_again()
    {
        Assert.False(HasSeasonAfterClockWentBack(tell: false));
        Assert.True(HasSeasonAfterClockWentBack(tell: true));
    }

    [Fact]
    public void Pushing_allocates_nothing()
    {
        var series = SyntheticSeries.Make(2200);
        var sensor = new SensorFields();
        var raw = new double[SensorFields.Count];
        void PushAll(int daysLater)
        {
            foreach (var (seconds, value) in series)
                sensor.Push(value, seconds + 86400 * daysLater, raw);
        }
        PushAll(daysLater: 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        PushAll(daysLater: 30);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(double.NaN, 10)]
    [InlineData(-5, 0)]
    [InlineData(1, 1)]
    [InlineData(1.5, 1)]
    [InlineData(9, 9)]
    [InlineData(1e6, 9)]
    public void The_level_is_how_many_edges_are_at_or_below(double raw, int level) =>
        Assert.Equal(level, FieldLevels.Level(raw, [1, 2, 3, 4, 5, 6, 7, 8, 9]));

    private static Gen<double> OneOf(params double[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    // A wrong clock, a year ahead, then five days of ordinary data.
    private static bool HasSeasonAfterClockWentBack(bool tell)
    {
        var sensor = new SensorFields();
        var raw = new double[SensorFields.Count];
        sensor.Push(20, 1.75e9, raw);
        if (tell)
            sensor.StepClock();
        foreach (var (seconds, value) in SyntheticSeries.Make(489))
            sensor.Push(value, seconds, raw);
        return !double.IsNaN(raw[SensorFields.Names.IndexOf("seas")]);
    }
}
