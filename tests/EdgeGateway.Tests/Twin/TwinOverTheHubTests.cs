using EdgeGateway.Tests.Hub;
using EdgeGateway.Tests.StandIn;
using Hubstand.Hub;
using Hubstand.Twins;

namespace EdgeGateway.Tests.Twin;

/// <summary>The twin over a real connection: floods, refusals, outages, connections that end.</summary>
public class TwinOverTheHubTests
{
    private const string EdgeHub = """{ "modulesContent": { "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": {} } } } }""";

    [Fact]
    public async Task Of_more_changes_than_can_wait_none_is_lost_and_those_left_out_are_counted()
    {
        await using var bench = await TwinBench.StartAsync();
        await bench.ReportsAsync(1);
        var (gate, reads) = (new TaskCompletionSource(), bench.Hub.Stand.Counters[HubEvent.TwinRead]);
        var entered = new TaskCompletionSource();
        bench.Applying = token =>
        {
            entered.TrySetResult();
            return gate.Task.WaitAsync(token);
        };
        bench.Desire(0.02);
        await entered.Task.WaitAsync(TestContext.Current.CancellationToken);
        for (var i = 3; i <= 201; i++)
        {
            bench.Desire(i / 100.0);
        }

        await Until.HoldsAsync(() => Changes(bench, "left out") == 200 - 65, () => $"135 are left out; {Changes(bench, "left out")} were", () => { });
        gate.SetResult();
        await Until.HoldsAsync(() => bench.InForce?.Detection.Threshold == 2.01, "the newest is in force");
        await bench.ReportsAsync(201);
        Assert.Equal(200, bench.Hub.Accounting.Total("twin.changes"));
        Assert.Equal(reads + 1, bench.Hub.Stand.Counters[HubEvent.TwinRead]);
    }

    [Fact]
    public async Task While_a_report_is_not_answered_no_other_is_sent_and_the_next_one_says_all()
    {
        await using var bench = await TwinBench.StartAsync();
        await bench.ReportsAsync(1);
        await bench.Hub.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5));
        bench.Hub.Stand.Switches.TwinAnswerDelay = TimeSpan.FromSeconds(30);
        var before = bench.Hub.Stand.Counters[HubEvent.ReportedUpdated];
        bench.Desire(2);
        await bench.Hub.PassUntilAsync(() => bench.Hub.Stand.Counters[HubEvent.ReportedUpdated] == before + 1, "the first report is on its way");
        for (var i = 3; i <= 29; i++)
        {
            bench.Desire(i);
            await bench.Hub.PassAsync(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5));
        }

        Assert.Equal(before + 1, bench.Hub.Stand.Counters[HubEvent.ReportedUpdated]);
        await bench.ReportsAsync(29);
        Assert.Equal(before + 2, bench.Hub.Stand.Counters[HubEvent.ReportedUpdated]);
    }

    [Theory]
    [InlineData(429, false)]
    [InlineData(500, false)]
    [InlineData(503, true)]
    public async Task A_report_that_a_busy_hub_does_not_take_is_sent_again_over_the_same_connection(int status, bool withBody)
    {
        await using var bench = await TwinBench.StartAsync();
        await bench.ReportsAsync(1);
        (bench.Hub.Stand.Switches.TwinStatus, bench.Hub.Stand.Switches.TwinErrorBodies, bench.Hub.Stand.Switches.FailTwinRequests) = (status, withBody, 4);
        await bench.ReportsAsync(bench.Desire(2));
        Assert.Equal((0, 1), (bench.Hub.Stand.Switches.FailTwinRequests.Left, bench.Hub.Stand.Counters[HubEvent.Connected]));
    }

    [Fact]
    public async Task A_report_that_the_hub_refuses_is_not_sent_again_and_the_next_change_is()
    {
        await using var bench = await TwinBench.StartAsync();
        await bench.ReportsAsync(1);
        (bench.Hub.Stand.Switches.TwinStatus, bench.Hub.Stand.Switches.FailTwinRequests) = (400, 1);
        bench.Desire(2);
        await bench.Hub.PassUntilAsync(() => bench.Hub.Stand.Switches.FailTwinRequests.Left == 0, "it is refused");
        var before = bench.Hub.Stand.Counters[HubEvent.ReportedUpdated];
        await bench.Hub.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(10));
        Assert.Equal(before, bench.Hub.Stand.Counters[HubEvent.ReportedUpdated]);
        await bench.ReportsAsync(bench.Desire(3));
    }

    [Fact]
    public async Task A_connection_that_ends_while_a_change_is_put_in_force_costs_neither_the_change_nor_its_report()
    {
        await using var bench = await TwinBench.StartAsync();
        await bench.ReportsAsync(1);
        bench.Hub.Stand.Switches.Down = true;
        await Until.HoldsAsync(() => bench.Hub.Stand.Connected.Count == 0, "the connection is gone");
        bench.Desire(2);
        var applying = new TaskCompletionSource();
        bench.Applying = token =>
        {
            applying.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, bench.Hub.Clock, token);
        };
        bench.Hub.Stand.Switches.Down = false;
        await bench.Hub.PassUntilAsync(() => applying.Task.IsCompleted, "the change is being put in force");
        bench.Applying = _ => Task.CompletedTask;
        bench.Hub.Stand.DisconnectAll();
        var cut = bench.Hub.Clock.GetUtcNow();
        await bench.ReportsAsync(2);
        Assert.Equal(200, (int)bench.Reported["detection"]!["status"]!);
        Assert.InRange((bench.Hub.Clock.GetUtcNow() - cut).TotalMinutes, 0, 20);
    }

    [Fact]
    public async Task What_others_reported_under_our_name_is_removed_and_the_rest_is_small()
    {
        await using var bench = await TwinBench.StartAsync(before: async hub =>
        {
            using var before = await HubClientProbe.ConnectAsync(hub.Stand);
            for (var i = 0; i < 7; i++)
            {
                Assert.Contains("/204/", (await before.ReportAsync($"{i}", $$"""{"old{{i}}":"{{new string('x', 4096)}}"}""")).Topic, StringComparison.Ordinal);
            }
        });
        await bench.ReportsAsync(1);
        Assert.Equal(["heartbeat", "twin", "$version"], bench.Reported.Select(p => p.Key));
        Assert.InRange(TwinRules.SizeOf(bench.Reported), 1, 8 * 1024);
    }

    [Fact]
    public async Task While_edgeHub_is_offline_it_takes_our_reports_and_the_cloud_has_them_afterwards()
    {
        await using var bench = await TwinBench.StartAsync(options => options with { Manifest = EdgeHub });
        await bench.ReportsAsync(1);
        bench.Desire(2);
        bench.Hub.Stand.Switches.Offline = true;
        await bench.Hub.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5));
        Assert.Equal(1, (long)bench.Reported["twin"]!["version"]!);
        bench.Hub.Stand.Switches.Offline = false;
        await bench.ReportsAsync(2);
    }

    private static long Changes(TwinBench bench, string reason) => bench.Hub.Accounting.Of("twin.changes", reason: reason).Value;
}
