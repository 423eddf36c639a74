using System.Text.Json.Nodes;
using EdgeGateway.Alerts;
using EdgeGateway.Hub;
using EdgeGateway.Operations;
using EdgeGateway.Page;
using EdgeGateway.Prompts;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Page;

/// <summary>What the page is told of the gateway, stages or none.</summary>
public sealed class PageViewTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly GatewayState state = new();
    private readonly GatewayStore store;
    private readonly PageView view;

    public PageViewTests() => (store, view) = (GatewayStore.Open(folder.Path, clock), new PageView(state, clock));

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void While_no_stages_run_or_their_store_is_being_let_go_it_is_not_known_what_is_open()
    {
        Assert.Null(view.Alerts());
        Assert.Null(view.Overview(PageRole.View)["alerts"]);
        Assert.Throws<InvalidOperationException>(() => view.Sensor("plant/p1"));
        Assert.Throws<InvalidOperationException>(() => view.Alert("abcdefghij2345672345"));

        state.Running = Any.Running(store, clock);
        Assert.Equal("[]", view.Alerts());
        store.Dispose();
        clock.Advance(Interval);
        Assert.Null(view.Alerts());
    }

    [Fact]
    public void A_model_that_is_missing_stays_so_between_the_windows_of_slow_sensors_until_one_is_judged()
    {
        state.Running = Any.Running(store, clock);
        Assert.True(IsModelWell());
        state.Running.Accounting.Of("windows.not_judged", reason: "noModel").Add();
        Assert.False(IsModelWell());
        Assert.False(IsModelWell());
        Assert.False(IsModelWell());
        state.Running.Accounting.Of("windows.judged").Add();
        Assert.True(IsModelWell());
        Assert.True(IsModelWell());
    }

    [Fact]
    public void Sources_that_ask_for_an_adapter_are_named_with_it()
    {
        state.Running = Any.Running(store, clock) with { Settings = Any.Settings(Any.Source() with { Adapter = "north" }) };
        Assert.Equal("""{"pumps":"north"}""", view.Overview()["adapters"]!.ToJsonString());
    }

    [Fact]
    public void Why_a_window_of_the_past_was_judged_so_is_told_while_it_is_remembered()
    {
        Assert.Throws<InvalidOperationException>(() => view.Why("plant/p1", 0, long.MaxValue));
        state.Running = Any.Running(store, clock);
        Assert.Null(view.Why("plant/p1", 0, long.MaxValue));
        var (verdicts, sensor) = (state.Running.Verdicts, Any.Sensor("plant/p1"));
        verdicts.KeepsHistory = true;
        for (var hop = 0; hop < 3; hop++)
        {
            verdicts.Add(new Prompt(Any.Window(sensor, hop), $"a{hop}="), Any.Verdict(sensor, hop, score: -3));
        }

        var noon = Any.Noon.ToUnixTimeMilliseconds();
        Assert.Equal("a1=", (string?)view.Why("plant/p1", noon, noon + 10_000)!["prompt"]);
        Assert.Null(view.Why("plant/p1", noon + 20_000, long.MaxValue));
        Assert.Null(view.Why("plant/p1", long.MaxValue, long.MinValue));
    }

    [Fact]
    public void A_sensor_of_an_earlier_run_and_one_that_only_an_open_alert_names_are_listed_without_a_window()
    {
        state.Running = Any.Running(store, clock);
        var (verdicts, judged) = (state.Running.Verdicts, Any.Sensor("plant/p2"));
        verdicts.Know([Any.Sensor("plant/p1", asset: "plant"), judged]);
        verdicts.Add(new Prompt(Any.Window(judged, hop: 1), "a5="), Any.Verdict(judged, hop: 1, score: -3));
        Commit(Raised(Family.Silent, "silent", "plant/p3"));
        clock.Advance(Interval);
        var rows = view.Sensors().ToDictionary(row => (string)row![0]!, row => row!.AsArray());
        Assert.Equal(["plant/p1", "plant/p2", "plant/p3"], rows.Keys.Order());
        Assert.Equal("""["plant/p1",null,null,null,null,"plant",""]""", rows["plant/p1"].ToJsonString());
        Assert.NotNull(rows["plant/p2"][4]);
        Assert.Equal("""["plant/p3",null,null,null,null,"plant","bar"]""", rows["plant/p3"].ToJsonString());

        var silent = view.Sensor("plant/p3")!;
        Assert.Equal(("plant", "pumps", 0, null), ((string?)silent["asset"], (string?)silent["source"], silent["points"]!.AsArray().Count, silent["why"]));
        Assert.Equal("silent", (string?)Assert.Single(silent["alerts"]!.AsArray())!["kind"]);
        Assert.Null(view.Sensor("plant/p4"));
        verdicts.Forget(Any.Sensor("plant/p1"));
        Assert.Null(view.Sensor("plant/p1"));
    }

    [Theory]
    [InlineData("broker")]
    [InlineData("disk")]
    [InlineData("clock")]
    public void A_part_is_well_until_an_alert_of_the_gateways_own_says_otherwise(string part)
    {
        state.Running = Any.Running(store, clock);
        Assert.Equal(["broker", "model", "disk", "clock"], Health().Keys);
        Assert.All(Health().Values, p => Assert.True(p.IsWell));
        Commit(Raised(Family.Own, part));
        Assert.Equal(KeyValuePair.Create(part, (false, $"The {part} is not well.")), Assert.Single(Health(), p => !p.Value.IsWell));
    }

    [Fact]
    public async Task The_disk_is_not_well_while_something_waits_for_room_on_it()
    {
        state.Running = Any.Running(store, clock);
        using var stopping = new CancellationTokenSource();
        var waiting = state.Running.Disk.WaitOutAsync(() => throw new StorageException(StorageFault.Full, "gateway.db", "no room"), stopping.Token);
        Assert.Equal((false, "The disk is full: something waits for room."), Health()["disk"]);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.True(Health()["disk"].IsWell);
    }

    [Fact]
    public void The_way_to_the_hub_is_told_of_where_there_is_one_with_the_cause_when_it_is_broken()
    {
        state.Running = Any.Running(store, clock);
        var hub = new HubStatus(new HubIdentity("hub", "device", "module"), Connected: true, Any.Noon, "", DesiredVersion: 1);
        state.Hub = hub;
        Assert.Equal((true, "Connected since 2026-11-24 12:00:00Z."), Health()["hub"]);
        state.Hub = hub with { Connected = false, Cause = "It refused the token." };
        Assert.Equal((false, "Not connected since 2026-11-24 12:00:00Z: It refused the token."), Health()["hub"]);
    }

    [Fact]
    public void Bytes_for_hub_and_webhook_were_sent_up_and_those_for_the_local_broker_were_not()
    {
        state.Running = Any.Running(store, clock);
        var all = state.Running.Accounting;
        all.Of("bytes.received").Add(10_000);
        all.Of("bytes.delivered", reason: "hub").Add(300);
        all.Of("bytes.delivered", reason: "webhook").Add(40);
        all.Of("bytes.delivered", reason: "mqtt").Add(5_000);
        var numbers = view.Overview()["numbers"]!;
        Assert.Equal((10_000, 340), ((long)numbers["bytesReceived"]!, (long)numbers["bytesSentUp"]!));
    }

    private bool IsModelWell() => Health()["model"].IsWell;

    /// <summary>Each part of the line of health, some seconds later.</summary>
    private Dictionary<string, (bool IsWell, string Text)> Health()
    {
        clock.Advance(Interval);
        return view.Overview()["health"]!.AsArray().ToDictionary(part => (string)part!["name"]!, part => ((bool)part!["ok"]!, (string)part["text"]!));
    }

    private void Commit(Alert alert) => store.Commit([new AlertTransition(
        new AlertState(alert.AlertId, alert.Subject, alert.Family, alert.Sequence, alert.Active, alert.Time, AlertJson.Write(alert, "north-3")), alert.Severity, "raised", default)]);

    private static Alert Raised(string family, string kind, params string[] sensors) => new(
        AlertIds.Of("north-3", sensors.FirstOrDefault(kind), family, Any.Noon), 1, Transition.Raised, Any.Noon, true, sensors.FirstOrDefault(kind), family, kind, 400, 1, "timer", "plant", [.. sensors], "bar",
        Any.Noon.AddMinutes(-1), Any.Noon, [], "", $"The {kind} is not well.", [])
    {
        Source = "pumps",
    };
}
