using EdgeGateway.PhiTrain.Data;
using EdgeGateway.Replay;
using SensorSimulator.Synthesis;

namespace EdgeGateway.Tests.PhiTrain;

/// <summary>Event-free stretches of recordings as backgrounds of injected faults.</summary>
public sealed class RecordedBackgroundsTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_stretch_holds_no_row_of_the_warm_up_or_of_an_event_or_soon_after_it()
    {
        var labels = new SeriesLabels(["v"], [[1500, 1600], [2000, 2000]], "set", 60, 500);
        var stretches = RecordedBackgrounds.Stretches(labels, Rows(4000), new RandomStream(1, 1));
        Assert.Equal([(500, 1499), (2121, 3999)], stretches.Select(s => (RowOf(s, 0), RowOf(s, ^1))));
    }

    [Fact]
    public void A_long_recording_gives_thirty_stretches_from_anywhere_in_it()
    {
        var labels = new SeriesLabels(["v"], [], "set", 60, 0);
        var stretches = RecordedBackgrounds.Stretches(labels, Rows(600_000), new RandomStream(1, 1));
        Assert.Equal(30, stretches.Count);
        Assert.All(stretches, s => Assert.Equal(6000, s.Values.Length));
        Assert.Equal(30, stretches.Select(s => RowOf(s, 0)).Distinct().Count());
        Assert.Contains(stretches, s => RowOf(s, 0) > 400_000);
    }

    [Fact]
    public void Rows_that_come_twice_or_late_are_no_samples()
    {
        var rows = Rows(1000).Concat(Rows(1000)).Concat(Rows(1100).Skip(1000));
        Assert.Equal(1100, Assert.Single(RecordedBackgrounds.Stretches(new SeriesLabels(["v"], [], "set", 60, 0), rows, new RandomStream(1, 1))).Values.Length);
    }

    [Fact]
    public void A_sensor_that_is_constant_or_mostly_missing_is_left_out()
    {
        var labels = new SeriesLabels(["constant", "missing", "good"], [], "set", 60, 0);
        var rows = Enumerable.Range(0, 1000).Select(i => new RecordedRow(Start.AddMinutes(i), [5, i % 3 == 0 ? i : double.NaN, i]));
        Assert.Equal("good", Assert.Single(RecordedBackgrounds.Stretches(labels, rows, new RandomStream(1, 1))).Column);
    }

    [Fact]
    public void Missing_values_stay_missing_and_nothing_but_the_faults_is_changed()
    {
        double[] before = [.. Enumerable.Range(0, 3000).Select(i => i % 7 == 0 || i < 3 ? double.NaN : Math.Sin(i * .7))];
        var injected = false;
        for (ulong seed = 0; seed < 20; seed++)
        {
            var after = before.ToArray();
            var faults = RecordedBackgrounds.Inject(after, new RandomStream(seed, 0));
            injected |= faults.Length > 0;
            Assert.All(Enumerable.Range(0, before.Length).Where(i => double.IsNaN(before[i])), i => Assert.True(double.IsNaN(after[i])));
            var first = faults.Length == 0 ? before.Length : faults[0].First;
            Assert.Equal(before[..first], after[..first]);
        }

        Assert.True(injected);
    }

    [Fact]
    public void A_recording_gives_the_same_series_whatever_else_is_there()
    {
        var recording = new LabelledRecording("r.csv", "r.csv", new SeriesLabels(["v"], [], "set", 60, 0));
        var origin = new SeriesOrigin(SeriesKind.Background, "r.csv", "set", "r", SeriesHash.Of(Rows(2000)));
        var (one, other) = (Make(1), Make(2));
        Assert.Equal(3, one.Length);
        Assert.All(one, s => Assert.Equal(origin, s.Origin));
        Assert.Equal(one.Select(s => s.Faults.ToArray()), Make(1).Select(s => s.Faults.ToArray()));
        Assert.NotEqual(one.Select(s => s.Faults.ToArray()), other.Select(s => s.Faults.ToArray()));

        RawSeries[] Make(ulong seed) => [.. RecordedBackgrounds.ToSeries(recording, origin, Rows(2000), seed)];
    }

    private static IEnumerable<RecordedRow> Rows(int count) => Enumerable.Range(0, count).Select(i => new RecordedRow(Start.AddMinutes(i), [(i * 7919 % 101) + (.001 * i)]));

    private static int RowOf(BackgroundStretch stretch, Index place) => (int)((stretch.Seconds[place] - Start.ToUnixTimeSeconds()) / 60);
}
