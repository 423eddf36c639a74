using EdgeGateway.Alerts;
using EdgeGateway.Ingest;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Alerts;

/// <summary>What operators hear of an asset that is being worked on.</summary>
public sealed class OutOfServiceTests : IDisposable
{
    private readonly AlarmBench bench = new();
    private readonly Sensor pressure = AlarmBench.Sensor("p1/pressure", "p1");
    private readonly Sensor flow = AlarmBench.Sensor("p1/flow", "p1");
    private readonly Sensor boiler = AlarmBench.Sensor("boiler", "boiler", criticality: Criticality.Critical);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-outofservice-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Nothing_new_is_told_of_an_asset_that_is_out_of_service_and_afterwards_what_still_holds_is()
    {
        bench.Silent(pressure);
        bench.Silent(boiler);
        bench.Maintain("p1", TimeSpan.FromHours(2));
        bench.Maintain("boiler", TimeSpan.FromHours(1));
        bench.Limit(pressure);
        bench.Limit(flow);
        bench.Limit(boiler);
        bench.Limit(flow, outside: false);
        Assert.Equal(
            ["p1/pressure silent raised", "boiler silent raised", "north-3/maintenance/p1 own raised", "p1/pressure silent outOfService", "north-3/maintenance/boiler own raised", "boiler silent outOfService"],
            bench.Seen());
        Assert.Equal(2, bench.Accounting.Of("assets.maintenance").Value);
        bench.Pass(TimeSpan.FromHours(1));
        Assert.Equal(["north-3/maintenance/boiler own cleared", "boiler silent inService", "boiler limit raised"], bench.Seen());
        bench.Silent(pressure, silent: false);
        bench.Pass(TimeSpan.FromHours(1));
        Assert.Equal(["p1/pressure silent cleared", "north-3/maintenance/p1 own cleared", "p1/pressure limit raised"], bench.Seen());
        Assert.Equal(1, bench.Accounting.Of("alerts.suppressed", reason: "outOfService").Value);
        Assert.Equal(0, bench.Accounting.Of("assets.maintenance").Value);
    }

    [Fact]
    public void Every_transition_says_who_and_until_when()
    {
        bench.Limit(pressure);
        bench.Maintain("p1", TimeSpan.FromHours(2));
        bench.Maintain("p1", TimeSpan.FromHours(3));
        bench.Command(AlertAction.Acknowledge, bench.Transitions[0].AlertId);
        bench.Maintain("p1", TimeSpan.Zero);
        Assert.Equal(
            [
                "limit raised  ", "maintenance raised Ada 14:00", "limit outOfService Ada 14:00", "maintenance updated Ada 15:00", "limit outOfService Ada 15:00", "limit acknowledged Ada 15:00",
                "maintenance cleared Ada ", "limit inService Ada ",
            ],
            bench.Transitions.Select(t => $"{t.Kind} {AlertJson.Name(t.Transition)} {t.By} {t.OutOfServiceUntil:HH:mm}"));
        var own = bench.Transitions[1];
        Assert.Equal(("p1", 100, "operator", "p1 is out of service for 120 minutes, by Ada."), (own.Asset, own.Severity, own.Judge, own.Text));
        Assert.Equal(("minutes", 120), (own.Evidence[0].Key, own.Evidence[0].Value));
    }

    [Fact]
    public void A_window_of_the_settings_is_told_under_its_key()
    {
        bench.Windows = [new MaintenanceWindow("wash", ["p*"], Any.Noon, TimeSpan.FromHours(1), null)];
        bench.Limit(pressure);
        bench.Pass(TimeSpan.FromMinutes(1));
        var own = bench.Transitions[1];
        Assert.Equal(("alerts.maintenance.wash", "timer", Any.Noon.AddHours(1)), (own.By, own.Judge, own.OutOfServiceUntil));
        bench.Pass(TimeSpan.FromMinutes(59));
        Assert.Equal(["north-3/maintenance/p1 own cleared", "p1/pressure limit inService"], bench.Seen()[^2..]);
    }

    [Fact]
    public void An_alert_out_of_service_inhibits_nothing_elsewhere_and_its_toggling_is_no_flapping()
    {
        var far = AlarmBench.Sensor("far", "far");
        foreach (var sensor in (Sensor[])[pressure, AlarmBench.Sensor("p2/x", "p2"), AlarmBench.Sensor("p3/x", "p3")])
        {
            bench.Silent(sensor);
            bench.Maintain(sensor.Asset, TimeSpan.FromHours(1));
        }

        bench.Seen();
        bench.Silent(far);
        Assert.Equal(["far silent raised"], bench.Seen());
        for (var i = 0; i < 10; i++)
        {
            bench.Limit(pressure);
            bench.Limit(pressure, outside: false);
        }

        bench.Pass(TimeSpan.FromHours(1));
        bench.Limit(pressure);
        bench.Limit(pressure, outside: false);
        Assert.Equal(["p1/pressure limit raised", "p1/pressure limit cleared"], bench.Seen()[^2..]);
    }

    [Fact]
    public void However_often_it_begins_and_ends_it_is_over_when_it_is_over_and_cannot_be_shelved()
    {
        bench.Limit(pressure);
        for (var i = 0; i < 6; i++)
        {
            bench.Maintain("p1", TimeSpan.FromHours(1));
            Assert.Equal(409, bench.Command(AlertAction.Shelve, bench.Transitions[^2].AlertId, TimeSpan.FromHours(1)).Status);
            bench.Maintain("p1", TimeSpan.Zero);
            Assert.Equal(("maintenance", false), (bench.Transitions[^2].Kind, bench.Transitions[^2].Active));
        }

        Assert.Equal(6, bench.Transitions.Where(t => t.Kind == "maintenance").Select(t => t.AlertId).Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_command_began_goes_on_after_a_restart(bool snapshot)
    {
        bench.Limit(pressure);
        bench.Maintain("p1", TimeSpan.FromHours(2));
        await bench.RestartAsync(snapshot ? Path.Combine(folder.FullName, "snapshot") : null);
        bench.Limit(flow);
        bench.Pass(TimeSpan.FromHours(1));
        Assert.Equal(["p1/pressure limit raised", "north-3/maintenance/p1 own raised", "p1/pressure limit outOfService"], bench.Seen());
        bench.Pass(TimeSpan.FromHours(1));
        Assert.Equal(["north-3/maintenance/p1 own cleared", "p1/pressure limit inService", "p1/flow limit raised"], bench.Seen());
    }

    [Fact]
    public async Task When_a_longer_window_leaves_the_settings_after_a_restart_the_command_before_it_is_told_again()
    {
        bench.Limit(pressure);
        bench.Maintain("p1", TimeSpan.FromHours(2));
        await bench.RestartAsync(snapshot: null);
        bench.Windows = [new MaintenanceWindow("wash", ["*"], Any.Noon, TimeSpan.FromHours(3), null)];
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Windows = [];
        bench.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal([14, 15, 14], bench.Transitions.Where(t => t.Kind == "maintenance").Select(t => t.OutOfServiceUntil!.Value.Hour));
    }

    [Fact]
    public async Task A_kill_between_its_transitions_leaves_none_untold()
    {
        bench.Limit(pressure);
        bench.Maintain("p1", TimeSpan.FromHours(2));
        await bench.RestartAsync(snapshot: null, lost: 1);
        bench.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("p1/pressure limit outOfService", bench.Seen()[^1]);
        bench.Maintain("p1", TimeSpan.Zero);
        await bench.RestartAsync(snapshot: null, lost: 1);
        bench.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("p1/pressure limit inService", bench.Seen()[^1]);
    }

    [Fact]
    public void With_its_last_sensor_the_asset_leaves_and_its_maintenance_is_over()
    {
        bench.Healthy(pressure);
        bench.Maintain("p1", TimeSpan.FromHours(2));
        bench.Rules.Forget("p1/pressure", "p1", bench.Now, bench.Transitions);
        Assert.Equal(["north-3/maintenance/p1 own raised", "north-3/maintenance/p1 own cleared"], bench.Seen());
    }
}
