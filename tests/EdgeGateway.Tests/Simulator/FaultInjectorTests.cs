using CsCheck;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.Simulator;

public sealed class FaultInjectorTests
{
    private const int Samples = 1500;
    private static readonly Gen<Case> AnyCase =
        from seed in Gen.ULong
        from kind in Gen.Enum<FaultKind>()
        from background in Gen.Enum<BackgroundKind>()
        from at in Gen.Int[300, Samples - 1]
        from length in Gen.Int[30, 600]
        from size in Gen.Double[1.5, 9]
        select new Case(seed, kind, background, at, length, size);

    [Fact]
    public void A_series_is_healthy_outside_its_label_or_at_most_keeps_a_changed_level_behind_it() => AnyCase.Sample(c =>
    {
        var (healthy, faulty, fault) = c.Inject();
        Assert.Equal((c.At, c.Kind, c.Size), (fault.First, fault.Kind, fault.Size));
        Assert.InRange(fault.Last, fault.First, Math.Min(Samples - 1, c.At + (c.Kind == FaultKind.Spike ? 119 : c.Length)));
        Assert.Equal(healthy[..fault.First], faulty[..fault.First]);
        var behind = Enumerable.Range(fault.Last + 1, Samples - 1 - fault.Last).Select(i => faulty[i] - healthy[i]).ToArray();
        if (c.Kind is FaultKind.Drift or FaultKind.Shift)
            Assert.All(behind, change => Assert.Equal(behind[0], change, Tolerance(healthy, fault)));
        else
            Assert.All(behind, change => Assert.Equal(0, change));
    });

    [Fact]
    public void The_scale_is_between_local_noise_and_whole_spread() => AnyCase.Sample(
        c =>
        {
            var (healthy, _, fault) = c.Inject();
            var (whole, local) = (Measure.Deviation(healthy), Measure.LocalNoise(healthy));
            Assert.InRange(fault.Scale, Math.Min(local, .3 * whole) * .999, (Math.Max(whole, 1.01 * local) * 1.001) + 1e-8);
        },
        iter: 50);

    [Fact]
    public void Labelled_samples_differ_from_the_healthy_series() =>
        Assert.All(Sixty(Enum.GetValues<FaultKind>()), c => Assert.Contains(c.Change, change => change != 0));

    [Fact]
    public void A_spike_is_one_to_five_samples_or_some_of_a_short_burst_and_high()
    {
        foreach (var c in Sixty(FaultKind.Spike))
        {
            var hit = c.Change.Where(change => change != 0).ToArray();
            Assert.True(c.Change.Length <= 5 ? hit.Length == c.Change.Length : c.Change.Length is > 20 and <= 120 && hit.Length < .5 * c.Change.Length);
            var height = 1.6 * c.Fault.Size * Math.Max(c.Fault.Scale, Measure.LocalNoise(c.Healthy));
            Assert.All(hit, change => Assert.InRange(Math.Abs(change), .699 * height, 1.301 * height));
            Assert.Single(hit.Select(Math.Sign).Distinct());
        }

        Measure.AssertShare(.25, Sixty(FaultKind.Spike).Count(c => c.Change.Length > 5), 60, "bursts of spikes");
    }

    [Fact]
    public void A_drift_grows_to_its_full_height_or_comes_back_from_there()
    {
        foreach (var c in Sixty(FaultKind.Drift))
        {
            var height = 1.2 * c.Fault.Size * c.Fault.Scale;
            var change = c.Change.Select(Math.Abs).ToArray();
            Assert.InRange(change.Max(), height * .98, height * 1.001);
            var top = Array.FindIndex(change, v => v > change.Max() * .98);
            Assert.All(Measure.Differences(change[..top]), step => Assert.True(step > -1e-9));
            Assert.True(change[^1] > height * .999 || change[^1] < height * .02);
        }

        Assert.Contains(Sixty(FaultKind.Drift), c => c.Behind is 0 && Math.Abs(c.Change[^1]) > 1e-9);
        Assert.Contains(Sixty(FaultKind.Drift), c => c.Behind is not 0);
        Assert.Contains(Sixty(FaultKind.Drift), c => Math.Abs(c.Change[0]) > .3 * c.Fault.Size * c.Fault.Scale);
        Assert.Contains(Sixty(FaultKind.Drift), c => Math.Abs(c.Change[^1]) < .05 * c.Fault.Size * c.Fault.Scale);
    }

    [Fact]
    public void A_shift_moves_every_sample_alike_and_some_stay()
    {
        foreach (var c in Sixty(FaultKind.Shift))
            Assert.All(c.Change, change => Assert.Equal(c.Fault.Size * c.Fault.Scale, Math.Abs(change), 1e-9));
        Measure.AssertShare(.3, Sixty(FaultKind.Shift).Count(c => c.Behind is not 0), 60, "shifts that stay");
        Assert.Equal(2, Sixty(FaultKind.Shift).Select(c => Math.Sign(c.Change[0])).Distinct().Count());
    }

    [Fact]
    public void A_stuck_sensor_repeats_its_value_or_trembles_by_a_hair()
    {
        foreach (var c in Sixty(FaultKind.Stuck))
            Assert.InRange(c.During.Max() - c.During.Min(), 0, .2 * Measure.LocalNoise(c.Healthy));
        Measure.AssertShare(.85, Sixty(FaultKind.Stuck).Count(c => c.During.Distinct().Count() == 1), 60, "exact repetition");
        Measure.AssertShare(.6, Sixty(FaultKind.Stuck).Count(c => Math.Abs(c.Change[0]) < .1 * Measure.LocalNoise(c.Healthy)), 60, "stuck where it was");
    }

    [Fact]
    public void Noise_is_about_the_healthy_course_and_as_large_as_its_size()
    {
        foreach (var c in Sixty(FaultKind.Noise))
        {
            var expected = .6 * c.Fault.Size * Math.Max(c.Fault.Scale, Measure.LocalNoise(c.Healthy));
            Assert.InRange(Measure.Deviation(c.Change), .75 * expected, 1.25 * expected);
            Assert.InRange(c.Change.Average(), -.4 * expected, .4 * expected);
        }
    }

    [Fact]
    public void A_dropout_holds_one_value_that_is_zero_missing_or_off_the_range()
    {
        foreach (var c in Sixty(FaultKind.Dropout))
        {
            var hit = c.During.Where((v, i) => !v.Equals(c.Healthy[c.Fault.First + i])).Distinct().ToArray();
            Assert.Single(hit);
            Assert.True(double.IsNaN(hit[0]) || hit[0] is 0 or -1 || hit[0] < c.Healthy.Min());
            Assert.InRange(c.Change.Count(change => change != 0), .3 * c.Change.Length, c.Change.Length);
        }

        Measure.AssertShare(.3, Sixty(FaultKind.Dropout).Count(c => c.During.Any(double.IsNaN)), 60, "missing");
        Measure.AssertShare(.6, Sixty(FaultKind.Dropout).Count(c => c.Change.All(change => change != 0)), 60, "every sample");
    }

    [Fact]
    public void An_oscillation_is_a_sine_of_four_to_sixty_samples()
    {
        foreach (var c in Sixty(FaultKind.Oscillation))
        {
            Assert.Equal(0, c.Change[0]);
            Assert.All(c.Change, change => Assert.True(Math.Abs(change) <= (c.Fault.Size * c.Fault.Scale) + 1e-9));

            // a sine obeys s[i-1] + s[i+1] = 2 cos(w) s[i]
            var middle = Enumerable.Range(1, c.Change.Length - 2).ToArray();
            var cosine = middle.Sum(i => (c.Change[i - 1] + c.Change[i + 1]) * c.Change[i]) / (2 * middle.Sum(i => c.Change[i] * c.Change[i]));
            Assert.InRange(2 * Math.PI / Math.Acos(cosine), 3.999, 60.001);
            Assert.All(middle, i => Assert.Equal(2 * cosine * c.Change[i], c.Change[i - 1] + c.Change[i + 1], 1e-6));
        }
    }

    [Fact]
    public void A_gain_stretches_or_squeezes_the_healthy_course()
    {
        HashSet<double> gains = [];
        foreach (var c in Sixty(FaultKind.Gain))
        {
            var healthy = c.Healthy[c.Fault.First..(c.Fault.Last + 1)];
            var (low, high) = (Array.IndexOf(healthy, healthy.Min()), Array.IndexOf(healthy, healthy.Max()));
            var gain = (c.During[high] - c.During[low]) / (healthy[high] - healthy[low]);
            Assert.All(healthy.Zip(c.During), pair => Assert.Equal(c.During[low] + (gain * (pair.First - healthy[low])), pair.Second, 1e-9));
            gains.Add(Math.Round(gain, 6));
        }

        Assert.Equal([.05, .2, .35, 2.5, 4, 6], gains.Order());
    }

    [Fact]
    public void A_missing_pattern_is_a_straight_line_with_noise()
    {
        foreach (var c in Sixty(FaultKind.Pattern))
        {
            var (first, last, n) = (c.Healthy[c.Fault.First], c.Healthy[c.Fault.Last], c.During.Length);
            var rest = c.During.Select((v, i) => v - (first + ((last - first) * i / (n - 1)))).ToArray();
            var expected = .7 * Measure.LocalNoise(c.Healthy);
            Assert.InRange(Measure.Deviation(rest), .75 * expected, 1.25 * expected);
        }
    }

    private static double Tolerance(double[] healthy, Fault fault) => 1e-12 * (healthy.Max(Math.Abs) + (20 * fault.Size * fault.Scale));

    /// <summary>Sixty faults of these kinds in a noisy wave.</summary>
    private static IReadOnlyList<Injected> Sixty(params FaultKind[] kinds) =>
        [.. Enumerable.Range(0, 60).Select(seed => new Case((ulong)seed, kinds[seed % kinds.Length], BackgroundKind.Day, 500, 100 + (4 * seed), 2 + (seed / 10.0)).Inject())];

    private sealed record Case(ulong Seed, FaultKind Kind, BackgroundKind Background, int At, int Length, double Size)
    {
        public Injected Inject()
        {
            var r = new RandomStream(Seed, 5);
            var healthy = SensorSimulator.Synthesis.Background.Draw(Background, r, Samples, 200, Noise.Draw(r, Samples));
            double[] faulty = [.. healthy];
            return new Injected(healthy, faulty, new FaultInjector(r, faulty).Inject(Kind, At, Length, Size));
        }
    }

    private sealed record Injected(double[] Healthy, double[] Faulty, Fault Fault)
    {
        /// <summary>The labelled samples.</summary>
        public double[] During { get; } = Faulty[Fault.First..(Fault.Last + 1)];

        /// <summary>What the fault did to each of them.</summary>
        public double[] Change { get; } = [.. Enumerable.Range(Fault.First, Fault.Last + 1 - Fault.First).Select(i => Faulty[i] - Healthy[i])];

        /// <summary>What it left behind it.</summary>
        public double Behind => Faulty[^1] == Healthy[^1] ? 0 : Faulty[^1] - Healthy[^1];
    }
}
