using CsCheck;
using EdgeGateway.Windows.Fields;

namespace EdgeGateway.Tests.Windows.Fields;

public sealed class SlidingWindowTests
{
    // Few distinct values make ties, wide ones make jumps.
    private static readonly Gen<double[]> Series =
        Gen.OneOf(Gen.Int[-4, 4].Select(i => (double)i), Gen.Double[-1e15, 1e15], Gen.Double[-1, 1]).Array[1, 200];

    [Fact]
    public void A_sorted_window_is_always_what_sorting_the_newest_values_gives()
    {
        Gen.Select(Gen.Int[1, 50], Series).Sample((capacity, series) =>
        {
            var window = new SortedWindow(capacity);
            for (var i = 0; i < series.Length; i++)
            {
                if (window.IsFull)
                    window.Replace(series[i - capacity], series[i]);
                else
                    window.Add(series[i]);
                var naive = series[Math.Max(0, i + 1 - capacity)..(i + 1)].Order().ToArray();
                Assert.Equal(naive, Enumerable.Range(0, window.Count).Select(rank => window[rank]));
            }
        });
    }

    [Fact]
    public void Median_and_median_distance_equal_the_definitions()
    {
        Gen.Select(Series, Gen.Double[-5, 5]).Sample((series, centre) =>
        {
            var window = new SortedWindow(series.Length);
            window.Rebuild(series);
            Assert.Equal(Plain.Median(series), window.Median);
            Assert.Equal(Plain.Median(series.Select(value => Math.Abs(value - centre))), window.MedianDistance(centre));
            Assert.Equal(Plain.Median(series.Select(value => Math.Abs(value - window.Median))), window.MedianDistance(window.Median));
        });
    }

    [Fact]
    public void Selection_finds_the_median_without_sorting()
    {
        Series.Sample(series => Assert.Equal(Plain.Median(series), Selection.Median([.. series])));
        Assert.Equal(double.NaN, Selection.Median([]));
    }

    [Fact]
    public void A_ring_knows_the_newest_values_by_age()
    {
        Gen.Select(Gen.Int[1, 30], Series).Sample((capacity, series) =>
        {
            var ring = new Ring(capacity);
            foreach (var value in series)
                ring.Add(value);
            var newest = series.Reverse().Take(capacity).ToArray();
            Assert.Equal(newest, Enumerable.Range(0, ring.Count).Select(ring.Lag));
            Assert.Equal(double.NaN, ring.Lag(ring.Count));
            Assert.Equal(newest.Min(), ring.Min());
            Assert.Equal(newest.Take(15), ring.CopyNewest(new double[15]).ToArray());
            Assert.Equal(newest.Skip(3).Take(7), ring.CopyPresent(3, new double[7]).ToArray());
        });
    }

    [Fact]
    public void Absent_values_keep_their_age_but_are_not_copied()
    {
        var ring = new Ring(4);
        foreach (var value in new[] { 1, double.NaN, 3, double.NaN, 5 })
            ring.Add(value);
        Assert.Equal([5, 3], ring.CopyPresent(0, new double[9]).ToArray());
        Assert.Equal([3], ring.CopyPresent(1, new double[3]).ToArray());
    }
}
