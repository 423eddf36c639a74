using CsCheck;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.Simulator;

public sealed class SyntheticSeriesTests
{
    private const int Count = 2000;
    private static readonly Lazy<SyntheticSeries[]> Many = new(() => [.. Enumerable.Range(0, Count).Select(i => SyntheticSeries.Generate(7, i))]);

    [Theory]
    [InlineData(1, 0, "60a3cef5ea4798e8")]
    [InlineData(1, 1, "6e58e54529f983d8")]
    [InlineData(2, 0, "50fccd8532f480bd")]
    [InlineData(20260101, 4711, "c48a7c187b5d4576")]
    public void A_seed_and_index_name_a_series_for_ever(ulong seed, int index, string fingerprint)
    {
        var series = SyntheticSeries.Generate(seed, index);
        Assert.Equal(fingerprint, Measure.Fingerprint([.. series.Values, .. series.Seconds, .. series.Faults.SelectMany(f => new[] { f.First, f.Last, (int)f.Kind, f.Size, f.Scale })]));
    }

    [Fact]
    public void The_same_seed_and_index_give_the_same_bits_and_others_another_series()
    {
        Gen.Select(Gen.ULong, Gen.Int[0, 100_000]).Sample(
            (seed, index) =>
            {
                var (one, again) = (SyntheticSeries.Generate(seed, index), SyntheticSeries.Generate(seed, index));
                Assert.Equal(one.Values, again.Values);
                Assert.Equal(one.Seconds, again.Seconds);
                Assert.Equal(one.Faults, again.Faults);
                Assert.NotEqual(one.Values, SyntheticSeries.Generate(seed, index + 1).Values);
                Assert.NotEqual(one.Values, SyntheticSeries.Generate(seed + 1, index).Values);
            },
            iter: 30);
    }

    [Fact]
    public void Backgrounds_have_their_shares()
    {
        foreach (var kind in Enum.GetValues<BackgroundKind>())
            Measure.AssertShare(Background.Weights[(int)kind], Many.Value.Count(s => s.Background == kind), Count, kind.ToString());
        Assert.Equal(1, Background.Weights.ToArray().Sum(), 1e-12);
        Assert.Equal(Enum.GetValues<BackgroundKind>().Length, Background.Weights.Length);
    }

    [Fact]
    public void A_third_is_short_and_lengths_are_in_their_ranges()
    {
        var shorts = Many.Value.Count(s => s.Values.Length < 1500);
        Measure.AssertShare(.33, shorts, Count, "short");
        Assert.All(Many.Value, s => Assert.True(s.Values.Length is (>= 800 and < 1500) or (>= 2500 and < 6000)));
        Assert.All(Many.Value, s => Assert.Equal(s.Values.Length, s.Seconds.Length));
    }

    [Fact]
    public void Steps_are_drawn_from_one_second_to_one_hour()
    {
        double[] steps = [1, 1, 5, 10, 30, 30, 60, 120, 300, 300, 600, 900, 900, 1800, 3600];
        foreach (var step in steps.GroupBy(s => s))
            Measure.AssertShare(step.Count() / 15.0, Many.Value.Count(s => Math.Abs(s.Seconds[1] - s.Seconds[0] - step.Key) < .001), Count, $"step {step.Key}");
    }

    [Fact]
    public void Time_goes_forward_and_a_tenth_of_the_clocks_pauses()
    {
        var pausing = Many.Value.Count(s => Measure.Differences(s.Seconds) is var steps && steps.Max() > 4 * steps[0]);
        Measure.AssertShare(.1, pausing, Count, "pauses of the clock");
        Assert.All(Many.Value, s => Assert.True(Measure.Differences(s.Seconds).Min() > 0));
    }

    [Fact]
    public void Twelve_percent_have_no_fault()
    {
        // a short one may also end before its first fault would begin
        var longer = Many.Value.Where(s => s.Values.Length >= 2500).ToArray();
        Measure.AssertShare(.12, longer.Count(s => s.Faults.IsEmpty), longer.Length, "no fault");
    }

    [Fact]
    public void Kinds_of_faults_have_their_shares()
    {
        var first = Many.Value.Where(s => !s.Faults.IsEmpty).Select(s => s.Faults[0].Kind).ToArray();
        var total = FaultInjector.Weights.ToArray().Sum();
        foreach (var kind in Enum.GetValues<FaultKind>())
            Measure.AssertShare(FaultInjector.Weights[(int)kind] / total, first.Count(k => k == kind), first.Length, kind.ToString());
        Assert.Equal(Enum.GetValues<FaultKind>().Length, FaultInjector.Weights.Length);
    }

    [Fact]
    public void A_quarter_of_the_series_with_many_faults_has_one_kind_only()
    {
        var many = Many.Value.Where(s => s.Faults.Length >= 3).ToArray();
        var uniform = many.Where(s => s.Faults.Select(f => f.Kind).Distinct().Count() == 1).ToArray();

        // by chance three or more of the same kind are rare: the sum of the cubed shares is .05
        Assert.InRange((double)uniform.Length / many.Length, .2, .33);
    }

    [Fact]
    public void Sizes_and_lengths_are_log_uniform_in_their_ranges()
    {
        var all = Many.Value.SelectMany(s => s.Faults).ToArray();
        Assert.All(all, f => Assert.InRange(f.Size, 1.5, 9));
        Measure.AssertShare(.5, all.Count(f => f.Size < Math.Sqrt(1.5 * 9)), all.Length, "smaller half of the sizes");

        var lengths = Many.Value.Where(s => s.Values.Length >= 2500 && !s.Faults.IsEmpty).Select(s => s.Faults[0]).Where(f => f.Kind != FaultKind.Spike).Select(f => f.Last - f.First).ToArray();
        Assert.All(lengths, length => Assert.InRange(length, 30, 600));
        Measure.AssertShare(.5, lengths.Count(length => length < Math.Sqrt(30 * 600)), lengths.Length, "shorter half of the lengths");
    }

    [Fact]
    public void No_fault_is_in_the_warm_up_and_pauses_are_kept()
    {
        foreach (var series in Many.Value)
        {
            var (warm, pause) = series.Values.Length < 1500 ? (300 + 90, 180) : (350 + 125, 250);
            Assert.All(series.Faults, f => Assert.InRange(f.First, warm, f.Last));
            Assert.All(series.Faults, f => Assert.InRange(f.Last, f.First, series.Values.Length - 1));
            Assert.All(series.Faults.Zip(series.Faults.Skip(1)), pair => Assert.True(pair.Second.First - pair.First.Last >= pause));
        }
    }

    [Fact]
    public void Values_are_finite_or_missing()
    {
        Assert.All(Many.Value, s => Assert.DoesNotContain(s.Values, double.IsInfinity));
        Assert.All(Many.Value, s => Assert.True(s.Values.Count(double.IsNaN) < s.Values.Length / 2 || s.Faults.Any(f => f.Kind == FaultKind.Dropout)));
    }
}
