using System.Collections.Immutable;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Windows;

public class WindowerTests
{
    private readonly Windower windower = new();
    private readonly List<StageEvent> events = [];

    public WindowerTests() => windower.Observe(Any.Noon);

    [Fact]
    public void Every_tenth_sample_closes_a_window_of_the_newest_sixty()
    {
        var sensor = Any.Sensor();
        Feed(sensor, 0, 200);
        var windows = events.OfType<WindowSummary>().ToList();
        Assert.Equal(20, windows.Count);
        Assert.Equal(Any.Noon.AddSeconds(199), windows[^1].End);
        Assert.Equal(Any.Noon.AddSeconds(140), windows[^1].Start);
        Assert.Equal(200, windows[^1].Samples);
        Assert.Equal(Any.Noon, windows[0].Start);
    }

    [Fact]
    public void The_last_window_of_a_message_completes_its_asset()
    {
        Sensor[] pump = [Any.Sensor("p/a", "p"), Any.Sensor("p/b", "p")];
        for (var i = 0; i < 10; i++)
        {
            windower.Add(Reading(pump[0], i, 1) with { LastOfMessage = false }, events);
            windower.Add(Reading(pump[1], i, 1), events);
        }

        Assert.Equal([("p/a", false), ("p/b", true)], events.OfType<WindowSummary>().Select(w => (w.Sensor.Id, w.CompletesAsset)));
    }

    [Fact]
    public void A_clock_that_is_set_back_begins_a_new_window()
    {
        var sensor = Any.Sensor();
        Feed(sensor, 1000, 100);
        windower.Add(Reading(sensor, 0, 1) with { ClockStep = true }, events);
        Feed(sensor, 1, 29);
        var last = events.OfType<WindowSummary>().Last();
        Assert.Equal((30, Any.Noon), (last.FreshSamples, last.Start));
    }

    [Fact]
    public void Ten_missed_steps_and_a_minute_at_least_are_silence()
    {
        var sensor = Any.Sensor();
        Feed(sensor, 0, 20);
        Tick(19 + 60);
        Assert.Empty(events.OfType<SensorSilence>());
        Tick(19 + 61);
        Tick(19 + 62);
        var silence = Assert.Single(events.OfType<SensorSilence>());
        Assert.Equal((true, Any.Noon.AddSeconds(19 + 60)), (silence.Silent, silence.At));
    }

    [Fact]
    public void A_slow_sensor_may_be_quiet_for_ten_of_its_own_steps()
    {
        var sensor = Any.Sensor();
        for (var i = 0; i < 20; i++)
        {
            windower.Add(Reading(sensor, 60 * i, 1), events);
        }

        Tick((60 * 19) + 600);
        Assert.Empty(events.OfType<SensorSilence>());
        Tick((60 * 19) + 601);
        Assert.Single(events.OfType<SensorSilence>());
    }

    [Fact]
    public void The_next_reading_ends_a_silence()
    {
        var sensor = Any.Sensor();
        Feed(sensor, 0, 20);
        Tick(200);
        Feed(sensor, 300, 1);
        Assert.Equal([true, false], events.OfType<SensorSilence>().Select(s => s.Silent));
    }

    [Fact]
    public void Time_that_nobody_observed_is_no_silence()
    {
        var sensor = Any.Sensor();
        Feed(sensor, 0, 20);
        windower.Unobserve();
        Tick(10_000);
        windower.Observe(Any.Noon.AddSeconds(10_000));
        Tick(10_060);
        Assert.Empty(events.OfType<SensorSilence>());
        Tick(10_061);
        Assert.Single(events.OfType<SensorSilence>());
    }

    [Fact]
    public void Sensors_of_hub_inputs_are_observed_while_the_hub_is_connected_and_the_others_while_the_broker_is()
    {
        var ofInput = Any.Sensor("in", source: Any.Source() with { Input = "readings" });
        Feed(Any.Sensor("broker"), 0, 20);
        Feed(ofInput, 0, 20);
        Tick(200);
        Assert.Equal(["broker"], events.OfType<SensorSilence>().Select(s => s.Sensor.Id));
        windower.Unobserve();
        windower.Observe(Any.Noon.AddSeconds(200), ofInputs: true);
        Tick(261);
        Assert.Equal(["broker", "in"], events.OfType<SensorSilence>().Select(s => s.Sensor.Id));
    }

    [Fact]
    public void A_sensor_that_reports_on_change_is_sampled_by_its_last_value_and_never_silent_by_itself()
    {
        var sensor = Any.Sensor(source: Any.Source() with { Sample = TimeSpan.FromSeconds(10) });
        windower.Add(Reading(sensor, 0, 5), events);
        windower.Add(Reading(sensor, 95, 7), events);
        Assert.Equal(10, Assert.Single(events.OfType<WindowSummary>()).Samples);
        Assert.Equal(Any.Noon.AddSeconds(90), events.OfType<WindowSummary>().Single().End);
        Tick(100_000);
        Assert.Empty(events.OfType<SensorSilence>());
    }

    [Fact]
    public void Time_alone_takes_samples_of_a_value_that_holds()
    {
        var sensor = Any.Sensor(source: Any.Source() with { Sample = TimeSpan.FromSeconds(10) });
        windower.Add(Reading(sensor, 0, 5), events);
        Tick(100);
        Assert.True(Assert.Single(events.OfType<WindowSummary>()).CompletesAsset);
    }

    [Fact]
    public void A_value_outside_its_range_is_noticed_once_on_each_side()
    {
        var sensor = Any.Sensor(source: Any.Source() with { Ranges = ImmutableDictionary<string, ValueRange>.Empty.Add("", new ValueRange(0, 16)) });
        double[] values = [5, 16, 16.1, 17, double.NaN, 20, 3, -1];
        for (var i = 0; i < values.Length; i++)
        {
            windower.Add(Reading(sensor, i, values[i]), events);
        }

        Assert.Equal([(true, 2), (false, 6), (true, 7)], events.OfType<LimitCrossing>().Select(c => (c.Outside, (int)(c.At - Any.Noon).TotalSeconds)));
    }

    [Fact]
    public void A_value_that_comes_back_before_the_delay_is_over_is_told_to_nobody_and_one_that_stays_says_since_when()
    {
        var sensor = Limited(s => s with { OnDelay = TimeSpan.FromSeconds(3), OffDelay = TimeSpan.FromSeconds(2) });
        Feed(sensor, [5, 17, 17, 5, 18, 18, double.NaN, 19, 5, 17, 5, 5, 5]);
        Assert.Equal([(true, 4, 7, 19), (false, 10, 12, 5)], events.OfType<LimitCrossing>().Select(c => (c.Outside, Second(c.Since), Second(c.At), c.Value)));
    }

    [Fact]
    public void A_value_within_the_hysteresis_is_where_the_last_one_outside_of_it_was()
    {
        var sensor = Limited(s => s with { Hysteresis = ImmutableDictionary<string, double>.Empty.Add("", 1) });
        Feed(sensor, [15.5, 16, 16.5, 15.5, 15, 15.5, -0.5, 0.9, 1]);
        Assert.Equal([(true, 2), (false, 4), (true, 6), (false, 8)], events.OfType<LimitCrossing>().Select(c => (c.Outside, Second(c.At))));
    }

    [Fact]
    public void What_is_told_of_a_delay_that_ends_within_the_hysteresis_is_the_last_value_outside()
    {
        var sensor = Limited(s => s with { OnDelay = TimeSpan.FromSeconds(2), Hysteresis = ImmutableDictionary<string, double>.Empty.Add("", 1) });
        Feed(sensor, [5, 17, 15.5, 15.5]);
        Assert.Equal(17, Assert.Single(events.OfType<LimitCrossing>()).Value);
    }

    [Fact]
    public void Of_a_sensor_that_reports_on_change_a_delay_is_over_by_time_alone_but_not_while_nobody_listens()
    {
        var sensor = Limited(s => s with { OnDelay = TimeSpan.FromSeconds(30), Sample = TimeSpan.FromSeconds(10) });
        windower.Observe(Any.Noon.AddSeconds(100));
        windower.Add(Reading(sensor, 100, 17), events);
        windower.Unobserve();
        Tick(170);
        Assert.Empty(events.OfType<LimitCrossing>());
        windower.Observe(Any.Noon.AddSeconds(171));
        Tick(230);
        Assert.Empty(events.OfType<LimitCrossing>());
        Tick(231);
        Tick(232);
        Assert.Equal((true, 130), Assert.Single(events.OfType<LimitCrossing>().Select(c => (c.Outside, Second(c.At)))));
    }

    [Fact]
    public void Whoever_watches_a_range_allocates_nothing_for_a_reading()
    {
        var (sensor, watch) = (Limited(s => s with { OnDelay = TimeSpan.FromHours(1), Hysteresis = ImmutableDictionary<string, double>.Empty.Add("", 1) }), new LimitWatch());
        var crossings = 0;
        long Pass(int first)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var second = first; second < first + 1000; second++)
            {
                crossings += watch.Add(Reading(sensor, second, second % 20), TimeSpan.FromSeconds(60)) is null ? 0 : 1;
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Pass(0);
        Assert.Equal((0, 0), (Pass(1000), crossings));
    }

    [Fact]
    public void A_range_that_is_taken_away_has_nothing_outside()
    {
        var sensor = Any.Sensor(source: Any.Source() with { Ranges = ImmutableDictionary<string, ValueRange>.Empty.Add("", new ValueRange(0, 16)) });
        windower.Add(Reading(sensor, 0, 17), events);
        sensor.Source = Any.Source();
        windower.Add(Reading(sensor, 1, 18), events);
        Assert.Equal([true, false], events.OfType<LimitCrossing>().Select(c => c.Outside));
    }

    [Fact]
    public void A_clock_that_is_set_back_begins_a_new_window_of_a_sampled_sensor_too()
    {
        var sensor = Any.Sensor(source: Any.Source() with { Sample = TimeSpan.FromSeconds(1) });
        Feed(sensor, 1000, 100);
        windower.Add(Reading(sensor, 0, 1) with { ClockStep = true }, events);
        Feed(sensor, 1, 31);
        var last = events.OfType<WindowSummary>().Last();
        Assert.True(last.FreshSamples is > 0 and <= 31, $"{last.FreshSamples}");
        Assert.True(last.Start >= Any.Noon && last.End < Any.Noon.AddSeconds(32), $"{last.Start} to {last.End}");
    }

    [Fact]
    public void A_sensor_whose_usual_interval_nobody_knows_yet_is_not_silent()
    {
        windower.Add(Reading(Any.Sensor(), 0, 1), events);
        Tick(900);
        Assert.Empty(events.OfType<SensorSilence>());
    }

    [Fact]
    public void A_backlog_of_a_sampled_sensor_is_ordinary_data_and_its_last_value_does_not_hold_over_it()
    {
        var sensor = Any.Sensor(source: Any.Source() with { Sample = TimeSpan.FromSeconds(10) });
        windower.Add(Reading(sensor, 0, 5), events);
        windower.Unobserve();
        windower.Observe(Any.Noon.AddSeconds(1000));
        Tick(1001);
        for (var second = 5; second < 1005; second += 10)
        {
            windower.Add(Reading(sensor, second, second), events);
        }

        var window = events.OfType<WindowSummary>().Last();
        Assert.Equal((Any.Noon.AddSeconds(990), 985), (window.End, window.Evidence.Last));
    }

    [Fact]
    public void A_clock_of_ours_that_is_set_silences_nobody()
    {
        var sensor = Any.Sensor();
        Feed(sensor, 0, 20);
        windower.Observe(Any.Noon.AddYears(50));
        windower.Tick(Any.Noon.AddYears(50).AddSeconds(60), events);
        Assert.Empty(events.OfType<SensorSilence>());
        windower.Observe(Any.Noon.AddYears(-1));
        windower.Tick(Any.Noon.AddYears(-1).AddSeconds(61), events);
        Assert.Single(events.OfType<SensorSilence>());
    }

    [Fact]
    public void A_sample_at_an_instant_of_the_grid_is_the_reading_of_that_instant()
    {
        var sensor = Any.Sensor(source: Any.Source() with { Sample = TimeSpan.FromSeconds(10) });
        for (var second = 0; second <= 100; second += 10)
        {
            windower.Add(Reading(sensor, second, second), events);
        }

        Assert.Equal(90, Assert.Single(events.OfType<WindowSummary>()).Evidence.Last);
    }

    [Fact]
    public void Of_a_forgotten_sensor_nothing_is_kept()
    {
        var sensor = Any.Sensor();
        Feed(sensor, 0, 20);
        windower.Forget(sensor, Any.Noon, events);
        Assert.Equal(0, windower.Sensors);
    }

    [Fact]
    public void After_a_lossy_outage_a_sampled_sensor_does_not_hold_its_last_value_over_the_gap()
    {
        var sensor = Any.Sensor(source: Any.Source() with { Sample = TimeSpan.FromSeconds(1) });
        Feed(sensor, 0, 20);
        var before = windower.States.Single().Samples;
        windower.Observe(Any.Noon.AddSeconds(500), lossy: true);
        Feed(sensor, 500, 2);
        Assert.Equal(before + 1, windower.States.Single().Samples);
    }

    private static Sensor Limited(Func<SourceSettings, SourceSettings> change) =>
        Any.Sensor(source: change(Any.Source() with { Ranges = ImmutableDictionary<string, ValueRange>.Empty.Add("", new ValueRange(0, 16)) }));

    private static int Second(DateTimeOffset time) => (int)(time - Any.Noon).TotalSeconds;

    private static SensorReading Reading(Sensor sensor, int second, double value) =>
        new(sensor, Any.Noon.AddSeconds(second), value, Any.Noon.AddSeconds(second), ClockStep: false, LastOfMessage: true);

    private void Feed(Sensor sensor, int firstSecond, int count)
    {
        for (var i = firstSecond; i < firstSecond + count; i++)
        {
            windower.Add(Reading(sensor, i, Math.Sin(i)), events);
        }
    }

    private void Feed(Sensor sensor, double[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            windower.Add(Reading(sensor, i, values[i]), events);
        }
    }

    private void Tick(int second) => windower.Tick(Any.Noon.AddSeconds(second), events);
}
