using Hubstand.Hub;

namespace EdgeGateway.Tests.Hub;

/// <summary>What our client subscribes to, and when.</summary>
public class HubSubscriptionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_four_subscriptions_go_in_a_packet_each_and_are_all_granted_over_and_over()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        for (var i = 1; i <= 3; i++)
        {
            await owner.ConnectedAsync(times: i);
            bench.Stand.DisconnectAll();
        }

        Assert.Equal((0, 0), (bench.Stand.Counters[HubEvent.SubscriptionRefused], bench.Stand.Counters[HubEvent.SubscriptionWithoutEffect]));
        Assert.Equal(0, bench.Stand.Counters[HubEvent.SubscribedSeveral]);
    }

    [Fact]
    public async Task A_server_that_has_forgotten_the_session_is_subscribed_to_anew()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.ForgetSessions = 1;
        bench.Stand.DisconnectAll();
        await owner.ConnectedAsync(times: 2);
        Assert.Equal(0, bench.Stand.Switches.ForgetSessions.Left);
        await HearsEverythingAsync(bench, owner);
    }

    [Theory]
    [InlineData("$iothub/twin/res/#")]
    [InlineData("$iothub/twin/PATCH/properties/desired/#")]
    [InlineData("$iothub/methods/POST/#")]
    [InlineData("devices/edge-1/modules/edgeGateway/inputs/#")]
    public async Task A_subscription_that_is_refused_is_named_and_tried_again(string filter)
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Switches.RefuseFilter = filter;
        await using var owner = bench.Owner().Start();
        await bench.PassUntilAsync(() => bench.Stand.Counters[HubEvent.SubscriptionRefused] >= 2, "it is tried again");
        Assert.Equal($"the hub does not let us subscribe to {filter}", owner.Causes.Single());
        bench.Stand.Switches.RefuseFilter = "";
        await bench.PassUntilAsync(() => owner.Connects == 1, "it connects in the end");
        await HearsEverythingAsync(bench, owner);
    }

    [Fact]
    public async Task The_twin_is_asked_for_only_when_its_answers_are_subscribed()
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Switches.SubAckDelay = TimeSpan.FromSeconds(5);
        await using var owner = bench.Owner().Start();
        await Until.HoldsAsync(() => bench.Stand.Connected.Count == 1, "it connects");
        await bench.PassAsync(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1));
        Assert.Equal(0, bench.Stand.Counters[HubEvent.TwinRead]);
        await bench.PassUntilAsync(() => owner.Connects == 1, "everything is subscribed");
        Assert.Equal((1, 1), (bench.Stand.Counters[HubEvent.Connected], bench.Stand.Counters[HubEvent.TwinRead]));
    }

    private static async Task HearsEverythingAsync(HubBench bench, HubOwner owner)
    {
        bench.Desire(1);
        bench.Stand.SendToInput(HubBench.Module, "readings", "1"u8.ToArray());
        Assert.Equal(200, (await bench.Stand.InvokeAsync(bench.Name, "ping", "", token: Token)).Status);
        await owner.Client.GetTwinAsync(Token);
        await Until.HoldsAsync(() => owner.Desired.Count == 1 && owner.Inputs.Count == 1, "a change and an input come");
    }
}
