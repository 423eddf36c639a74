using System.Collections.Immutable;
using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Storage;

namespace EdgeGateway.Tests.Recordings;

public class RecorderTests
{
    private readonly RecorderBench bench = new();
    private readonly Sensor pressure = Any.Sensor("p/pressure", "p");
    private readonly Sensor flow = Any.Sensor("p/flow", "p", Any.Source() with { Ranges = ImmutableDictionary<string, ValueRange>.Empty.Add("", new ValueRange(0, 1)) });

    [Fact]
    public void Around_an_anomaly_600_samples_before_it_and_180_after_its_end_of_all_sensors_of_the_asset_are_kept()
    {
        bench.Hops(100, isWrong: false, flow, pressure);
        bench.Hops(4, isWrong: true, flow, pressure);
        bench.Hops(40, isWrong: false, flow, pressure);
        var (raised, cleared) = (bench.Seen[0], bench.Seen[1]);
        Assert.Equal((Transition.Raised, Transition.Cleared), (raised.Transition, cleared.Transition));
        var recording = Assert.Single(bench.Whole());
        Assert.Equal(("p", "pumps"), (recording.Asset, recording.Source));
        Assert.Equal(["p/flow", "p/pressure"], recording.Sensors.Select(s => s.Id));
        Assert.Equal([new RecordedAlert(raised.AlertId, raised.Sensors[0], raised.WindowStart, cleared.Time)], recording.Alerts);
        var raisedAt = (int)(raised.WindowEnd - Any.Noon).TotalSeconds;
        var clearedAt = (int)(cleared.Time - Any.Noon).TotalSeconds;
        Assert.All(recording.Sensors, sensor =>
        {
            Assert.All(sensor.Samples, s => Assert.Equal(RecorderBench.TimeOf((int)s.Value).UtcTicks, s.Ticks));
            Assert.Equal(Enumerable.Range((int)sensor.Samples[0].Value, sensor.Samples.Length), sensor.Samples.Select(s => (int)s.Value));
            Assert.InRange(raisedAt - sensor.Samples[0].Value, 590, 610);
            Assert.InRange(sensor.Samples[^1].Value - clearedAt, 160, 190);
        });
    }

    [Fact]
    public void A_second_alert_of_the_asset_goes_into_the_same_recording()
    {
        bench.Hops(70, isWrong: false, flow);
        bench.Limit(flow, outside: true, 700);
        bench.Hops(3, isWrong: false, flow);
        bench.Limit(flow, outside: false, 730);
        bench.Hops(10, isWrong: false, flow);
        bench.Hops(3, isWrong: true, flow);
        bench.Hops(60, isWrong: false, flow);
        var recording = Assert.Single(bench.Whole());
        Assert.Equal(bench.Seen.Where(a => a.Transition == Transition.Raised).Select(a => a.AlertId), recording.Alerts.Select(a => a.AlertId));
        Assert.All(recording.Alerts, a => Assert.NotNull(a.End));
    }

    [Fact]
    public void An_alert_that_does_not_end_is_kept_for_2880_samples_and_named_in_the_next_recording_too()
    {
        bench.Hops(60, isWrong: false, flow);
        bench.Hops(300, isWrong: true, flow);
        var recording = Assert.Single(bench.Whole());
        Assert.Equal((2880, null), (recording.Sensors[0].Samples.Length, Assert.Single(recording.Alerts).End));
        bench.Limit(flow, outside: true, 3600);
        bench.Hops(1, isWrong: true, flow);
        bench.Recorder.Complete();
        Assert.Equal(bench.Seen.Select(a => a.AlertId), Assert.Single(bench.Whole()).Alerts.Select(a => a.AlertId));
    }

    [Fact]
    public void Once_in_a_quarter_of_an_hour_1440_samples_of_an_asset_at_which_nothing_is_wrong_are_kept()
    {
        bench.Hops(60, isWrong: false, flow, pressure);
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Pass(TimeSpan.FromMinutes(15));
        bench.Hops(84, isWrong: false, flow, pressure);
        var recording = Assert.Single(bench.Whole());
        Assert.Empty(recording.Alerts);
        Assert.InRange(recording.Sensors.Min(s => s.Samples.Length), 1430, 1440);
        bench.Pass(TimeSpan.FromMinutes(14));
        bench.Hops(90, isWrong: false, flow, pressure);
        Assert.Empty(bench.Whole());
    }

    [Fact]
    public void An_asset_of_which_nobody_wants_to_hear_is_not_normal()
    {
        bench.Hops(60, isWrong: false, flow);
        bench.Hops(3, isWrong: true, flow);
        var shelve = new AlertCommand(AlertAction.Shelve, bench.Seen[0].AlertId, "Ada", bench.Now, bench.Now.AddHours(20), false, new TaskCompletionSource<AlertCommandResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        bench.Take(shelve);
        bench.Hops(90, isWrong: false, flow);
        Assert.Single(bench.Whole());

        // begins calm, and then something happens that is held back
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Pass(TimeSpan.FromMinutes(15));
        bench.Hops(3, isWrong: true, flow);
        bench.Hops(90, isWrong: false, flow);
        Assert.Equal(1, bench.Seen.Count(a => a.Transition == Transition.Raised));
        bench.Recorder.Complete();
        Assert.Empty(bench.Whole());
    }

    [Fact]
    public void An_asset_that_somebody_works_on_is_not_normal()
    {
        bench.Hops(60, isWrong: false, flow);
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Pass(TimeSpan.FromMinutes(15));
        bench.Hops(30, isWrong: false, flow);
        bench.Hops(1, isWrong: false, inMaintenance: true, flow);
        bench.Hops(60, isWrong: false, flow);
        bench.Recorder.Complete();
        Assert.Empty(bench.Whole());
    }

    [Fact]
    public void A_clock_that_is_set_back_ends_the_recording_and_what_was_before_is_not_mixed_in()
    {
        bench.Hops(60, isWrong: false, flow);
        bench.Limit(flow, outside: true, 599);
        bench.SetClock(flow, 100);
        bench.Hops(5, isWrong: false, flow);
        Assert.Equal(600, Assert.Single(bench.Whole()).Sensors[0].Samples.Length);
        bench.Limit(flow, outside: false, 150);
        bench.Limit(flow, outside: true, 151);
        bench.Recorder.Complete();
        Assert.Equal(50, Assert.Single(bench.Whole()).Sensors[0].Samples.Length);
    }

    [Fact]
    public void Switched_off_nothing_is_kept_and_switched_on_it_begins()
    {
        var off = new RecorderBench(maxBytes: 0);
        off.Hops(60, isWrong: false, flow);
        off.Limit(flow, outside: true, 600);
        off.Take(new SettingsChanged(Any.Settings(Any.Source()), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        off.Limit(flow, outside: false, 601);
        off.Hops(5, isWrong: false, flow);
        off.Limit(flow, outside: true, 650);
        off.Recorder.Complete();
        var recording = Assert.Single(off.Whole());
        Assert.Equal((50, 1), (recording.Sensors[0].Samples.Length, recording.Alerts.Count(a => a.End is null)));
    }

    [Fact]
    public void What_the_disk_cannot_keep_up_with_is_counted_and_nothing_waits()
    {
        Sensor[] many = [.. Enumerable.Range(0, 20).Select(i => Any.Sensor($"s{i}", source: flow.Source))];
        foreach (var sensor in many)
        {
            bench.Hops(3, isWrong: false, sensor);
            bench.Limit(sensor, outside: true, 30);
        }

        bench.Recorder.Complete();
        Assert.Equal((16, 4), (bench.Whole().Count, bench.Accounting.Of("recorder.dropped", reason: "busy").Value));
    }

    [Fact]
    public void An_asset_of_too_many_sensors_is_left_out_and_counted()
    {
        Sensor[] many = [.. Enumerable.Range(0, 700).Select(i => Any.Sensor($"p/{i}", "p", flow.Source))];
        bench.Hops(1, isWrong: false, many);
        bench.Limit(many[0], outside: true, 9);
        bench.Recorder.Complete();
        Assert.Equal((0, 1), (bench.Whole().Count, bench.Accounting.Of("recorder.dropped", reason: "large").Value));
    }

    [Fact]
    public void However_many_alerts_go_on_the_memory_is_bounded_and_the_longest_ones_end_first()
    {
        Sensor[] many = [.. Enumerable.Range(0, 700).Select(i => Any.Sensor($"s{i:000}", source: flow.Source))];
        foreach (var sensor in many)
        {
            bench.Hops(1, isWrong: false, sensor);
            bench.Limit(sensor, outside: true, 9);
            bench.Pass(TimeSpan.FromSeconds(1));
        }

        // 2,000,000 samples of 2,880 each
        Assert.Equal(["s000", "s001", "s002", "s003", "s004", "s005"], bench.Whole().Select(r => r.Asset));
    }
}
