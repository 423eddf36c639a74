using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using Hubstand.Hub;

namespace EdgeGateway.Tests.Hub;

/// <summary>What goes over a connection of our client when the hub misbehaves.</summary>
public class MqttHubTrafficTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lost_PUBACK_is_given_up_after_thirty_seconds_and_the_same_id_goes_over_a_new_connection()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.LosePubAcks = 1;
        var lost = owner.SendAsync("a.1");
        await bench.PassUntilAsync(() => lost.IsCompleted, "the send is given up");
        var failed = await Assert.ThrowsAsync<HubException>(() => lost);
        Assert.Equal((HubFault.Unavailable, "the hub has not acknowledged a message for 30 seconds"), (failed.Fault, failed.Message));
        await bench.PassUntilAsync(() => owner.Connects == 2, "it connects again");
        await owner.SendAsync("a.1");
        Assert.Equal(["a.1", "a.1"], bench.Stand.Telemetry.Select(m => m.Id));
    }

    [Fact]
    public async Task A_slow_PUBACK_is_waited_for()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.PubAckDelay = TimeSpan.FromSeconds(20);
        var sending = owner.SendAsync("a.1");
        await bench.PassUntilAsync(() => sending.IsCompleted, "it is acknowledged");
        await sending;
        Assert.Equal(1, owner.Connects);
    }

    [Fact]
    public async Task What_was_under_way_when_the_connection_ended_is_told()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.LoseTwinAnswers = 1;
        var reading = owner.Client.GetTwinAsync(Token);
        await Until.HoldsAsync(() => bench.Stand.Switches.LoseTwinAnswers.Left == 0, "the request is there");
        bench.Stand.DisconnectAll();
        Assert.Equal(HubFault.Unavailable, (await Assert.ThrowsAsync<HubException>(() => reading)).Fault);
        await Until.HoldsAsync(() => !owner.Causes.IsEmpty, "the end is told");
        Assert.EndsWith("while reading the twin", owner.Causes.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_owner_cannot_read_the_twin_the_connection_is_made_again()
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Switches.LoseTwinAnswers = 1;
        await using var owner = bench.Owner().Start();
        await bench.PassUntilAsync(() => owner.Connects == 1, "the second attempt does");
        Assert.Equal(2, bench.Stand.Counters[HubEvent.Connected]);
        Assert.Contains("60 seconds", owner.Causes.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_is_cut_while_the_owner_reads_the_twin_is_made_again_at_once()
    {
        await using var bench = await HubBench.StartAsync();
        bench.Stand.Switches.LoseTwinAnswers = 1;
        await using var owner = bench.Owner().Start();
        await Until.HoldsAsync(() => bench.Stand.Switches.LoseTwinAnswers.Left == 0, "the request is there");
        bench.Stand.DisconnectAll();
        await owner.ConnectedAsync();
        Assert.Equal(Any.Noon, bench.Clock.GetUtcNow());
    }

    [Fact]
    public async Task A_fault_of_the_owner_ends_the_run()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner();
        owner.OnConnected = _ => throw new InvalidDataException("broken");
        owner.Start();
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => owner.Running)).Message);
    }

    [Fact]
    public async Task Answers_that_come_twice_are_counted_and_do_no_harm()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.RepeatTwinAnswers = 5;
        for (var i = 0; i < 5; i++)
        {
            Assert.NotNull(JsonNode.Parse((await owner.Client.GetTwinAsync(Token)).Span)!["desired"]);
        }

        await Until.HoldsAsync(() => bench.Accounting.Total("hub.ignored") == 5, "the second ones are ignored");
    }

    [Fact]
    public async Task An_empty_twin_is_handed_on_as_it_came()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.EmptyTwin = true;
        Assert.Null(JsonNode.Parse((await owner.Client.GetTwinAsync(Token)).Span)!["desired"]!["$version"]);
    }

    [Fact]
    public async Task Changes_that_come_while_the_owner_reads_the_twin_are_told_after_it()
    {
        await using var bench = await HubBench.StartAsync();
        var (reading, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var owner = bench.Owner();
        owner.OnConnected = async token =>
        {
            reading.TrySetResult();
            await gate.Task.WaitAsync(token);
        };
        owner.Start();
        await reading.Task;
        bench.Desire(1);
        bench.Desire(2);
        await owner.Client.GetTwinAsync(Token);
        Assert.Empty(owner.Desired);
        gate.SetResult();
        await Until.HoldsAsync(() => owner.Desired.Count == 2, "both are told");
        Assert.Equal([1, 2], owner.Desired.Select(d => (int)d["a"]!));
    }

    [Fact]
    public async Task Lost_repeated_and_swapped_changes_come_as_they_are()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.LoseDesired = 1;
        bench.Desire(1);
        bench.Stand.Switches.RepeatDesired = 1;
        bench.Desire(2);
        bench.Stand.Switches.SwapDesired = 1;
        bench.Desire(3);
        bench.Desire(4);
        await Until.HoldsAsync(() => owner.Desired.Count == 4, "they come");
        Assert.Equal([2, 2, 4, 3], owner.Desired.Select(d => (int)d["a"]!));
    }

    [Fact]
    public async Task A_method_with_more_than_128_KB_is_answered_413_and_the_connection_stays()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        Assert.Equal(413, (await bench.Stand.InvokeAsync(bench.Name, "explain", $"\"{new string('x', 130 << 10)}\"", token: Token)).Status);
        Assert.Equal(200, (await bench.Stand.InvokeAsync(bench.Name, "explain", "", token: Token)).Status);
        Assert.Equal(1, owner.Connects);
    }

    [Fact]
    public async Task A_renamed_output_makes_a_message_vanish()
    {
        await using var bench = await HubBench.StartAsync(o => o with
        {
            Manifest = """
                { "modulesContent": { "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": {
                  "up": "FROM /messages/modules/edgeGateway/outputs/alerts INTO $upstream" } } } } }
                """,
        });
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        await owner.SendAsync("a.1", output: "alarms");
        await owner.SendAsync("a.2");
        Assert.Equal(["a.2"], bench.Stand.Telemetry.Select(m => m.Id));
        Assert.Equal(1, bench.Stand.Counters[HubEvent.DroppedNoRoute]);
    }

    [Fact]
    public async Task Messages_up_to_the_budget_arrive_and_nothing_above_it_is_ever_sent()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        await owner.SendAsync("a.1", new string('x', 239 << 10));
        await Assert.ThrowsAsync<HubException>(() => owner.SendAsync("a.2", "{}", "alerts", ("long", new string('&', 30_000))));
        Assert.Equal(["a.1"], bench.Stand.Telemetry.Select(m => m.Id));
        Assert.Equal(0, bench.Stand.Counters[HubEvent.ClosedPacketTooLarge]);
    }

    [Fact]
    public async Task Many_sends_at_a_time_all_arrive()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => owner.SendAsync($"m.{i}")));
        Assert.Equal(300, bench.Stand.Telemetry.Select(m => m.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_call_that_its_caller_gives_up_ends_at_once_and_harms_nobody()
    {
        await using var bench = await HubBench.StartAsync();
        await using var owner = bench.Owner().Start();
        await owner.ConnectedAsync();
        bench.Stand.Switches.LosePubAcks = 1;
        using var impatient = new CancellationTokenSource();
        var sending = owner.Client.SendAsync(new HubMessage("a.1", "alerts", "{}"u8.ToArray(), []), impatient.Token);
        await Until.HoldsAsync(() => bench.Stand.Telemetry.Count == 1, "it has arrived");
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await owner.SendAsync("a.2");
        Assert.Equal(1, owner.Connects);
    }
}
