using EdgeGateway.Ingest;
using EdgeGateway.Settings;
using EdgeGateway.Stages;
using EdgeGateway.Windows;

namespace EdgeGateway.Tests.Windows;

/// <summary>Assets go out of service and come back, in their place among the readings.</summary>
public class MaintenanceTests
{
    private readonly Windower windower = new();
    private readonly List<StageEvent> events = [];
    private readonly Sensor pressure = Any.Sensor("p1/pressure", "p1");
    private readonly Sensor other = Any.Sensor("p2/pressure", "p2");

    public MaintenanceTests()
    {
        windower.Observe(Any.Noon);
        Feed(pressure, 0, 600);
        Feed(other, 0, 600);
        events.Clear();
    }

    [Fact]
    public void While_a_window_of_the_settings_lasts_the_windows_of_its_assets_close_out_of_service_and_afterwards_their_sensors_begin_anew()
    {
        windower.Maintenance.Use([Window(["p1"], minutes: 12, length: 5)]);
        Maintain(11.99);
        Feed(pressure, 720, 10);
        Maintain(12);
        Feed(pressure, 730, 10);
        Feed(other, 730, 10);
        Maintain(17);
        Feed(pressure, 1030, 10);
        Feed(other, 1030, 10);
        Assert.Equal(
            ["p1/pressure 610 False", "p1 until 12:17 by alerts.maintenance.wash", "p1/pressure 620 True", "p2/pressure 610 False", "p1 back by ", "p1/pressure 10 False", "p2/pressure 620 False"],
            events.Select(Shown));
    }

    [Fact]
    public void A_command_takes_an_asset_out_again_and_again_until_another_time_and_back_at_once()
    {
        Assert.Equal((200, Minute(70)), Outcome(Command("p1", hours: 1, at: 10)));
        Assert.Equal((200, Minute(45)), Outcome(Command("p1", hours: 0.5, at: 15)));
        Assert.Equal((200, null), Outcome(Command("p1", hours: 0, at: 20)));
        Assert.Equal((409, null), Outcome(Command("p1", hours: 0, at: 21)));
        Assert.Equal((404, null), Outcome(Command("p3", hours: 1, at: 21)));
        Assert.Equal(["p1 until 13:10 by Ada", "p1 until 12:45 by Ada", "p1 back by Ada"], events.Select(Shown));
    }

    [Fact]
    public void Of_several_the_one_that_lasts_longest_counts()
    {
        windower.Maintenance.Use([Window(["*"], minutes: 0, length: 60), Window(["p1"], minutes: 0, length: 90) with { Name = "oil" }]);
        Maintain(20);
        Assert.Equal(Minute(90), Command("p1", hours: 1, at: 20).Until);
        Command("p1", hours: 2, at: 21);
        Command("p1", hours: 0, at: 22);
        var refused = Command("p1", hours: 0, at: 23);
        Assert.Equal((409, "The asset p1 is out of service until 2026-11-24 13:30:00Z by a window of the settings; change it in alerts.maintenance."), (refused.Status, refused.Sentence));
        windower.Maintenance.Use([]);
        Maintain(24);
        Assert.Equal(
            ["p1 until 13:30 by alerts.maintenance.oil", "p2 until 13:00 by alerts.maintenance.wash", "p1 until 14:21 by Ada", "p1 until 13:30 by alerts.maintenance.oil", "p1 back by ", "p2 back by "],
            events.Select(Shown));
    }

    [Fact]
    public void What_a_command_said_ends_by_our_clock_however_it_was_set()
    {
        Command("p1", hours: 1, at: 10);
        Maintain(-600);
        Assert.True(windower.Maintenance.IsOutOfService("p1"));
        Maintain(100_000);
        Assert.Equal("p1 back by ", Shown(events[^1]));
    }

    [Fact]
    public void A_sensor_that_begins_anew_is_still_known_to_be_silent_and_how_often_it_sends()
    {
        Command("p1", hours: 1, at: 10);
        windower.Tick(Any.Noon.AddMinutes(30), events);
        Assert.Single(events.OfType<SensorSilence>(), s => s.Sensor == pressure);
        Maintain(70);
        windower.Tick(Any.Noon.AddMinutes(71), events);
        Feed(pressure, 4300, 1);
        Assert.Equal([true, false], events.OfType<SensorSilence>().Where(s => s.Sensor == pressure).Select(s => s.Silent));
        windower.Tick(Any.Noon.AddSeconds(4300 + 61), events);
        Assert.True(events.OfType<SensorSilence>().Last().Silent);
    }

    [Fact]
    public void With_its_last_sensor_an_asset_is_no_longer_out_of_service()
    {
        Command("p1", hours: 1, at: 10);
        windower.Forget(other, Any.Noon, events);
        windower.Forget(pressure, Any.Noon, events);
        Assert.Equal(["p1 until 13:10 by Ada", "p1 back by "], events.Select(Shown));
    }

    [Fact]
    public void After_a_restart_it_goes_on_under_what_was_told_and_sensors_known_from_before_an_end_begin_anew()
    {
        windower.Maintenance.Restore([Told("p1", 20, until: 50), Told("p1", 40, until: null), Told("p2", 30, until: 90)]);
        Recall(15);
        Assert.False(windower.Maintenance.IsOutOfService("p1"));
        Recall(25);
        Assert.True(windower.Maintenance.IsOutOfService("p1"));
        windower.Maintenance.Recall(DateTimeOffset.MaxValue, events);
        Assert.Equal([0, 600], windower.States.Select(s => s.Samples));
        Assert.All(events.Cast<AssetMaintenance>(), change => Assert.True(change.IsTold));
        Maintain(60);
        Assert.Equal(["p1 until 12:50 by Ada", "p2 until 13:30 by Ada", "p1 back by Ada"], events.Select(Shown));
        Maintain(90);
        Assert.Equal("p2 back by ", Shown(events[^1]));
    }

    [Fact]
    public void What_a_window_of_the_settings_began_ends_after_a_restart_when_there_is_no_such_window_any_more()
    {
        windower.Maintenance.Restore([Told("p1", 20, until: 50) with { ByCommand = false }]);
        Recall(20);
        Maintain(21);
        Assert.Equal("p1 back by ", Shown(events[^1]));
    }

    private static MaintenanceWindow Window(string[] assets, int minutes, int length) => new("wash", [.. assets], Any.Noon.AddMinutes(minutes), TimeSpan.FromMinutes(length), null);

    private static AssetMaintenance Told(string asset, int minute, int? until) => new(asset, until is { } end ? Minute(end) : null, Minute(minute)!.Value, "Ada", ByCommand: true);

    private static DateTimeOffset? Minute(int minute) => Any.Noon.AddMinutes(minute);

    private static (int Status, DateTimeOffset? Until) Outcome(MaintenanceResult result) => (result.Status, result.Until);

    private static string Shown(StageEvent happened) => happened switch
    {
        AssetMaintenance change => $"{change.Asset} {(change.Until is { } until ? $"until {until:HH:mm}" : "back")} by {change.By}",
        WindowSummary window => $"{window.Sensor.Id} {window.Samples} {window.InMaintenance}",
        _ => happened.GetType().Name,
    };

    private MaintenanceResult Command(string asset, double hours, int at)
    {
        var command = new MaintenanceCommand(asset, "Ada", Minute(at)!.Value, TimeSpan.FromHours(hours), new TaskCompletionSource<MaintenanceResult>());
        windower.Maintain(command, events);
        return command.Result!;
    }

    private void Maintain(double minute) => windower.Maintain(Any.Noon.AddMinutes(minute), events);

    private void Recall(int minute) => windower.Maintenance.Recall(Any.Noon.AddMinutes(minute), events);

    private void Feed(Sensor sensor, int firstSecond, int count)
    {
        for (var i = firstSecond; i < firstSecond + count; i++)
        {
            windower.Add(new SensorReading(sensor, Any.Noon.AddSeconds(i), Math.Sin(i), Any.Noon.AddSeconds(i), ClockStep: false, LastOfMessage: true), events);
        }
    }
}
