using System.Text;
using EdgeGateway.Hub;
using Hubstand.Hub;

namespace EdgeGateway.Tests.Hub;

/// <summary>Inputs and changes of the twin that come slowly, twice or in masses.</summary>
public class HubInputTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_slow_input_holds_up_nothing_else_and_comes_again_when_it_was_not_acknowledged()
    {
        await using var bench = await HubBench.StartAsync();
        var gate = new TaskCompletionSource();
        await using var owner = await TakingAsync(bench, gate.Task);
        bench.Stand.SendToInput(HubBench.Module, "readings", "1"u8.ToArray());
        await Until.HoldsAsync(() => !owner.Inputs.IsEmpty, "it comes");
        await AssertNothingElseWaitsAsync(bench, owner);
        await bench.PassUntilAsync(() => bench.Stand.Counters[HubEvent.InputRetried] > 0, "edgeHub sends it again");
        gate.SetResult();
        await Until.HoldsAsync(() => bench.Stand.WaitingInputs(HubBench.Module) == 0, "it is acknowledged");
        await Until.HoldsAsync(() => owner.Inputs.Count > 1, "the repeated one came too");
        Assert.All(owner.Inputs, i => Assert.Equal("1", Encoding.UTF8.GetString(i.Body.Span)));
    }

    [Fact]
    public async Task An_input_that_was_not_taken_is_not_acknowledged_and_comes_again()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner();
        owner.OnInput = (_, _) => owner.Inputs.Count == 1 ? throw new HubException(HubFault.Unavailable, "no stages") : Task.CompletedTask;
        await owner.Start().ConnectedAsync();
        bench.Stand.SendToInput(HubBench.Module, "readings", "1"u8.ToArray());
        await Until.HoldsAsync(() => !owner.Inputs.IsEmpty, "it comes");
        Assert.Equal(1, bench.Stand.WaitingInputs(HubBench.Module));
        await bench.PassUntilAsync(() => owner.Inputs.Count == 2, "edgeHub sends it again");
        await Until.HoldsAsync(() => bench.Stand.WaitingInputs(HubBench.Module) == 0, "it is acknowledged");
        Assert.Equal(1, owner.Connects);
    }

    [Fact]
    public async Task An_input_whose_connection_went_away_before_it_was_taken_comes_over_the_next()
    {
        await using var bench = await HubBench.StartAsync();
        var gate = new TaskCompletionSource();
        await using var owner = await TakingAsync(bench, gate.Task);
        bench.Stand.SendToInput(HubBench.Module, "readings", "1"u8.ToArray());
        await Until.HoldsAsync(() => !owner.Inputs.IsEmpty, "it comes");
        bench.Stand.DisconnectAll();
        await owner.ConnectedAsync(times: 2);
        gate.SetResult();
        await Until.HoldsAsync(() => bench.Stand.WaitingInputs(HubBench.Module) == 0, "it is acknowledged");
        Assert.Equal(2, owner.Inputs.Count);
    }

    [Fact]
    public async Task Inputs_that_come_many_at_a_time_are_acknowledged_in_the_order_in_which_they_came()
    {
        await using var bench = await HubBench.StartAsync();
        var gate = new TaskCompletionSource();
        await using var owner = bench.Owner();
        owner.OnInput = (_, token) => owner.Inputs.Count == 1 ? gate.Task.WaitAsync(token) : Task.CompletedTask;
        await owner.Start().ConnectedAsync();
        bench.Stand.Switches.RepeatInputs = 15;
        bench.Stand.SendToInput(HubBench.Module, "readings", "1"u8.ToArray());
        await Until.HoldsAsync(() => !owner.Inputs.IsEmpty, "the first comes");
        await owner.Client.GetTwinAsync(Token);
        Assert.Equal(1, bench.Stand.WaitingInputs(HubBench.Module));
        gate.SetResult();
        await Until.HoldsAsync(() => bench.Stand.WaitingInputs(HubBench.Module) == 0, "the last is acknowledged");
        Assert.Equal((16, 0), (owner.Inputs.Count, bench.Stand.Counters[HubEvent.PubAckOutOfOrder]));
    }

    [Fact]
    public async Task A_flood_of_inputs_behind_a_slow_one_is_counted_hangs_nothing_and_what_was_not_taken_comes_again()
    {
        await using var bench = await HubBench.StartAsync();
        var gate = new TaskCompletionSource();
        await using var owner = await TakingAsync(bench, gate.Task);
        bench.Stand.Switches.RepeatInputs = 300;
        bench.Stand.SendToInput(HubBench.Module, "readings", "1"u8.ToArray());
        await Until.HoldsAsync(() => bench.Accounting.Total("hub.ignored") is 301 - 17 or 301 - 16, "sixteen wait, behind the one that is being taken if it was taken before the others came");
        await AssertNothingElseWaitsAsync(bench, owner);
        var waiting = 301 - bench.Accounting.Total("hub.ignored");
        gate.SetResult();
        await Until.HoldsAsync(() => owner.Inputs.Count >= waiting, "all that waited are taken");
        await bench.PassUntilAsync(() => bench.Stand.WaitingInputs(HubBench.Module) == 0, "it comes again and is acknowledged");
        Assert.Equal(1, owner.Connects);
    }

    [Fact]
    public async Task More_changes_than_can_wait_while_the_twin_is_read_end_the_connection_and_the_twin_is_read_anew()
    {
        await using var bench = await HubBench.StartAsync();
        var (reading, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var owner = bench.Owner();
        owner.OnConnected = token =>
        {
            reading.TrySetResult();
            return gate.Task.WaitAsync(token);
        };
        owner.Start();
        await reading.Task;
        for (var i = 0; i < 101; i++)
        {
            bench.Desire(i);
        }

        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "the connection is ended");
        Assert.Equal("more changes of the twin came than can wait while it is read", owner.Causes.Single());
        gate.SetResult();
        await owner.ConnectedAsync();
        Assert.Equal(2, bench.Stand.Counters[HubEvent.Connected]);
        Assert.Empty(owner.Desired);
    }

    /// <summary>A client that takes its inputs only when the gate is open.</summary>
    private static async Task<HubOwner> TakingAsync(HubBench bench, Task gate)
    {
        var owner = bench.Owner();
        owner.OnInput = (_, token) => gate.WaitAsync(token);
        await owner.Start().ConnectedAsync();
        return owner;
    }

    private static async Task AssertNothingElseWaitsAsync(HubBench bench, HubOwner owner)
    {
        await owner.Client.GetTwinAsync(Token);
        await owner.SendAsync("a.1");
        Assert.Equal(200, (await bench.Stand.InvokeAsync(bench.Name, "ping", "", token: Token)).Status);
    }
}
