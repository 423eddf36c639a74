using EdgeGateway.Hub;
using Hubstand.Hub;

namespace EdgeGateway.Tests.Hub;

/// <summary>How our client comes by a new token before the old one has expired.</summary>
public class HubRenewalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 55)]
    [InlineData(0.999999, 50)]
    public async Task It_is_renewed_five_to_ten_minutes_before_its_end(double jitter, int minutes)
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner(jitter: new Fixed(jitter)).Start();
        await owner.ConnectedAsync();
        await bench.PassAsync(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        Assert.Equal(1, owner.Connects);
        bench.Clock.Advance(TimeSpan.FromSeconds(11));
        await owner.ConnectedAsync(times: 2);
    }

    [Fact]
    public async Task It_says_DISCONNECT_connects_subscribes_and_reads_the_whole_twin_and_no_trouble_is_told()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.ForgetSessions = 1;
        await bench.PassUntilAsync(() => owner.Connects == 2, "it is renewed", TimeSpan.FromSeconds(20));
        Assert.Equal((1, 2, 0), (bench.Stand.Counters[HubEvent.Disconnected], bench.Stand.Counters[HubEvent.Connected], bench.Stand.Counters[HubEvent.ClosedTakenOver]));
        Assert.Equal(2, bench.Stand.Counters[HubEvent.TwinRead]);
        bench.Desire(1);
        await Until.HoldsAsync(() => owner.Desired.Count == 1, "a change comes over the new connection");
        Assert.Equal(200, (await bench.Stand.InvokeAsync(bench.Name, "ping", "", token: Token)).Status);
        Assert.Empty(owner.Causes);
    }

    [Fact]
    public async Task What_is_not_yet_acknowledged_is_waited_for()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        await PassToRenewalAsync(bench);
        bench.Stand.Switches.PubAckDelay = TimeSpan.FromSeconds(9);
        var underWay = owner.SendAsync("a.1");
        await Until.HoldsAsync(() => bench.Stand.Telemetry.Count == 1, "it is there, and not acknowledged");
        bench.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((false, 1), (underWay.IsCompleted, owner.Connects));
        await bench.PassUntilAsync(() => owner.Connects == 2, "it is renewed");
        await underWay;
        Assert.Equal(1, bench.Stand.Counters[HubEvent.Disconnected]);
        Assert.Single(bench.Stand.Telemetry);
        Assert.Empty(owner.Causes);
    }

    [Fact]
    public async Task A_PUBACK_that_does_not_come_holds_the_renewal_up_for_ten_seconds_only()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        await PassToRenewalAsync(bench);
        bench.Stand.Switches.LosePubAcks = 1;
        var lost = owner.SendAsync("a.1");
        await Until.HoldsAsync(() => bench.Stand.Telemetry.Count == 1, "it is there");
        await bench.PassUntilAsync(() => lost.IsCompleted, "it is given up");
        var failed = await Assert.ThrowsAsync<HubException>(() => lost);
        Assert.StartsWith("the hub did not get it", failed.Message, StringComparison.Ordinal);
        await bench.PassUntilAsync(() => owner.Connects == 2, "it is renewed");
        await owner.SendAsync("a.1");
        Assert.Equal(["a.1", "a.1"], bench.Stand.Telemetry.Select(m => m.Id));
    }

    [Fact]
    public async Task No_send_fails_while_tokens_are_renewed()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        for (var sent = 0; sent < 1200; sent++)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(10));
            await owner.SendAsync($"m.{sent}");
        }

        Assert.Equal(Enumerable.Range(0, 1200).Select(i => $"m.{i}"), bench.Stand.Telemetry.Select(m => m.Id));
        Assert.InRange(owner.Connects, 4, 5);
        Assert.Equal((0, 0), (bench.Stand.Counters[HubEvent.ClosedTokenExpired], owner.Causes.Count));
    }

    [Fact]
    public async Task While_no_new_token_can_be_had_the_connection_stays()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner(bench.Stand.ModuleEnvironment(HubBench.Module)).Start();
        await owner.ConnectedAsync();
        bench.Stand.Workload(HubBench.Module).Faults.Status = 500;
        await bench.PassAsync(TimeSpan.FromMinutes(58), TimeSpan.FromSeconds(20));
        await owner.SendAsync("a.1");
        Assert.Equal(1, owner.Connects);
        bench.Stand.Workload(HubBench.Module).Faults.Status = 0;
        await bench.PassUntilAsync(() => owner.Connects == 2, "it is renewed");
        Assert.Empty(owner.Causes);
    }

    [Fact]
    public async Task When_no_new_token_can_be_had_until_the_old_one_is_cut_the_attempts_go_on()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner(bench.Stand.ModuleEnvironment(HubBench.Module)).Start();
        await owner.ConnectedAsync();
        bench.Stand.Workload(HubBench.Module).Faults.Status = 500;
        await bench.PassAsync(TimeSpan.FromMinutes(64), TimeSpan.FromSeconds(20));
        await owner.SendAsync("a.1");
        await bench.PassUntilAsync(() => bench.Stand.Counters[HubEvent.ClosedTokenExpired] == 1, "the hub cuts it", TimeSpan.FromSeconds(20));
        await bench.PassUntilAsync(() => owner.Causes.Any(c => c.Contains("answered 500", StringComparison.Ordinal)), "the cause is told");
        await bench.PassAsync(TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(20));
        Assert.Equal((1, false), (owner.Connects, owner.Running.IsCompleted));
        bench.Stand.Workload(HubBench.Module).Faults.Status = 0;
        await bench.PassUntilAsync(() => owner.Connects == 2, "it connects");
    }

    [Fact]
    public async Task A_socket_that_is_stale_at_renewal_ends_the_run_after_a_few_attempts()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner(bench.Stand.ModuleEnvironment(HubBench.Module)).Start();
        await owner.ConnectedAsync();
        bench.Stand.Workload(HubBench.Module).LeaveStale();
        await PassToRenewalAsync(bench);
        await owner.SendAsync("a.1");
        await bench.PassUntilAsync(() => owner.Running.IsFaulted, "the run ends");
        var unusable = await Assert.ThrowsAsync<HubUnusableException>(() => owner.Running);
        Assert.Contains("its socket is stale here, after 8 attempts", unusable.Message, StringComparison.Ordinal);
        await Until.HoldsAsync(() => bench.Stand.Counters[HubEvent.Disconnected] == 1, "it left with DISCONNECT");
    }

    /// <summary>Lets time pass to just before the renewal, which is after 55 minutes without jitter.</summary>
    private static async Task PassToRenewalAsync(HubBench bench)
    {
        await bench.PassAsync(TimeSpan.FromMinutes(54), TimeSpan.FromSeconds(30));
        await bench.PassAsync(TimeSpan.FromSeconds(57), TimeSpan.FromSeconds(3));
    }

    private sealed class Fixed(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
