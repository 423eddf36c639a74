using EdgeGateway.Hub;
using EdgeGateway.Tests.StandIn;
using Hubstand;
using Hubstand.Hub;

namespace EdgeGateway.Tests.Hub;

/// <summary>How our client connects, signs in and gives up.</summary>
public class MqttHubClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(5, HubEvent.RefusedNotAuthorized, "does not know the identity")]
    [InlineData(3, HubEvent.RefusedUnavailable, "not available")]
    public async Task A_refusal_is_told_and_tried_again_but_not_soon(int code, HubEvent refused, string cause)
    {
        await using var bench = await HubBench.StartAsync();
        (bench.Stand.Switches.RefuseConnects, bench.Stand.Switches.RefuseCode) = (2, code);
        await using var owner = bench.Owner().Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "the refusal is told");
        Assert.Contains(cause, owner.Causes.Single(), StringComparison.Ordinal);
        await bench.PassAsync(TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(1));
        Assert.Equal(1, bench.Stand.Counters[refused]);
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects in the end");
        Assert.Equal(2, bench.Stand.Counters[refused]);
        Assert.Single(owner.Causes);
    }

    [Fact]
    public async Task A_CONNACK_that_takes_fifty_seconds_is_waited_for()
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Switches.ConnackDelay = TimeSpan.FromSeconds(50);
        await using var owner = bench.Owner().Start();
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects", TimeSpan.FromMilliseconds(500));
        Assert.Empty(owner.Causes);
    }

    [Fact]
    public async Task A_CONNACK_that_takes_longer_than_a_minute_is_given_up()
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Switches.ConnackDelay = TimeSpan.FromHours(1);
        await using var owner = bench.Owner().Start();
        await bench.PassUntilAsync(() => !owner.Causes.IsEmpty, "it is given up");
        Assert.Equal("the hub has not answered for 60 seconds", owner.Causes.Single());
    }

    [Fact]
    public async Task A_second_client_under_the_same_identity_is_named_and_then_tried_slowly()
    {
        await using var bench = await HubBench.StartAsync();
        await using var first = bench.Owner().Start();
        await using var second = bench.Owner().Start();
        await Until.HoldsAsync(() => first.Causes.Concat(second.Causes).Any(c => c.Contains("another client seems to connect under the same identity, edge-1/edgeGateway", StringComparison.Ordinal)), "the rival is named");
        await Until.HoldsAsync(() => bench.Stand.Connected.Count == 1, "one of them keeps off");
        var connects = bench.Stand.Counters[HubEvent.Connected];
        await bench.PassAsync(TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(1));
        Assert.Equal(connects, bench.Stand.Counters[HubEvent.Connected]);
    }

    [Fact]
    public async Task A_device_identity_sends_without_an_output_and_has_no_inputs()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner(new Dictionary<string, string>(bench.Variables) { ["EdgeHubConnectionString"] = bench.Stand.ConnectionString(bench.Stand.NameOf(null)) }).Start();
        await owner.ConnectedAsync();
        await owner.SendAsync("a.1");
        Assert.Equal((bench.Stand.NameOf(null), null), (bench.Stand.Telemetry.Single().Sender, bench.Stand.Telemetry.Single().Output));
    }

    [Fact]
    public async Task A_stale_socket_of_the_workload_API_ends_the_run_after_a_few_attempts()
    {
        await using var bench = await HubBench.StartAsync();
        var variables = bench.Stand.ModuleEnvironment(HubBench.Module);
        bench.Stand.Workload(HubBench.Module).LeaveStale();
        await using var owner = bench.Owner(variables).Start();
        await bench.PassUntilAsync(() => owner.Running.IsFaulted, "the run ends");
        var unusable = await Assert.ThrowsAsync<HubUnusableException>(() => owner.Running);
        Assert.Contains("its socket is stale here, after 8 attempts", unusable.Message, StringComparison.Ordinal);
        Assert.Contains("its socket is stale here", owner.Causes.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workload_API_that_fails_otherwise_is_waited_for()
    {
        await using var bench = await HubBench.StartAsync();
        var variables = bench.Stand.ModuleEnvironment(HubBench.Module);
        bench.Stand.Workload(HubBench.Module).Faults.Status = 403;
        await using var owner = bench.Owner(variables).Start();
        await bench.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10));

        // a jump of the clock within a request looks like a workload API that is slow, so other causes may stand beside this one
        Assert.Contains(owner.Causes, cause => cause.Contains("does not take this process for module", StringComparison.Ordinal));
        Assert.Equal(0, owner.Connects);
        bench.Stand.Workload(HubBench.Module).Faults.Status = 0;
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects");
    }

    [Fact]
    public async Task A_workload_API_that_cuts_the_eleventh_call_without_an_answer_is_asked_again()
    {
        await using var bench = await HubBench.StartAsync();
        var workload = bench.Stand.Workload(HubBench.Module);
        workload.Faults.Delay = TimeSpan.FromSeconds(5);
        var others = Enumerable.Range(0, 11).Select(_ => RawWorkload.SendAsync(workload, "GET /trust-bundle?api-version=2018-06-28 HTTP/1.1\r\n\r\n")).ToList();
        Assert.Equal("", await await Task.WhenAny(others));
        await using var owner = bench.Owner(bench.Stand.ModuleEnvironment(HubBench.Module)).Start();
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "it is cut");
        Assert.Contains("ended the call without a usable answer", owner.Causes.Single(), StringComparison.Ordinal);
        workload.Faults.Delay = TimeSpan.Zero;
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects");
        await Task.WhenAll(others);
    }
}
