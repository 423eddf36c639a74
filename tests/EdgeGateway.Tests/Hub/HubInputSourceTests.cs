using System.Text;
using EdgeGateway.Hub;
using EdgeGateway.Ingest;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Hub;

/// <summary>Messages of inputs between a hub that stays and stages that come and go.</summary>
public sealed class HubInputSourceTests : IDisposable
{
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly HubInputSource source;
    private readonly List<string> taken = [];
    private readonly List<SourceConnection> connections = [];

    public HubInputSourceTests() => source = new HubInputSource(clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => source.Dispose();

    [Fact]
    public async Task A_message_is_taken_under_the_topic_of_its_input_and_may_be_one_that_came_before()
    {
        using var stop = new CancellationTokenSource();
        SensorMessage? seen = null;
        var running = source.RunAsync(
            m =>
            {
                seen = m;
                return ValueTask.CompletedTask;
            },
            connections.Add,
            stop.Token);
        await source.TakeAsync(Message("1"), Token);
        Assert.Equal(("$input/readings", SensorMessage.AcknowledgedElsewhere, false, true, Any.Noon), (seen!.Value.Topic, seen.Value.Number, seen.Value.Retained, seen.Value.Redelivered, seen.Value.ReceivedAt));
        await StoppedAsync(running, stop);
    }

    [Fact]
    public async Task What_comes_before_the_stages_or_between_two_runs_of_them_waits_and_is_taken_in_order()
    {
        var first = source.TakeAsync(Message("1"), Token);
        Assert.False(first.IsCompleted);
        using (var stop = new CancellationTokenSource())
        {
            var running = source.RunAsync(Take, connections.Add, stop.Token);
            await first;
            await StoppedAsync(running, stop);
        }

        var second = source.TakeAsync(Message("2"), Token);
        Assert.False(second.IsCompleted);
        using var again = new CancellationTokenSource();
        var anew = source.RunAsync(Take, connections.Add, again.Token);
        await second;
        await source.TakeAsync(Message("3"), Token);
        Assert.Equal(["1", "2", "3"], taken);
        await StoppedAsync(anew, again);
    }

    [Fact]
    public async Task Without_stages_a_message_is_given_back_while_edgeHub_still_waits()
    {
        var waiting = source.TakeAsync(Message("1"), Token);
        clock.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(HubFault.Unavailable, (await Assert.ThrowsAsync<HubException>(() => waiting)).Fault);
        Assert.Empty(taken);
    }

    [Fact]
    public async Task A_message_that_the_stages_cannot_take_comes_again()
    {
        using var stop = new CancellationTokenSource();
        var running = source.RunAsync(_ => throw new InvalidOperationException("a stage failed"), connections.Add, stop.Token);
        await Assert.ThrowsAsync<HubException>(() => source.TakeAsync(Message("1"), Token));
        await StoppedAsync(running, stop);
    }

    [Fact]
    public async Task While_the_stages_are_full_a_message_waits_and_a_stop_lets_it_be_taken_to_its_end()
    {
        using var stop = new CancellationTokenSource();
        var full = new TaskCompletionSource();
        var running = source.RunAsync(m => new ValueTask(full.Task), connections.Add, stop.Token);
        var waiting = source.TakeAsync(Message("1"), Token);
        await stop.CancelAsync();
        Assert.False(waiting.IsCompleted || running.IsCompleted);
        full.SetResult();
        await waiting;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Each_run_of_the_stages_hears_whether_the_hub_is_connected()
    {
        source.ConnectionChanged(true);
        using var stop = new CancellationTokenSource();
        var running = source.RunAsync(Take, connections.Add, stop.Token);
        source.ConnectionChanged(false);
        await StoppedAsync(running, stop);
        source.ConnectionChanged(true);
        Assert.Equal([true, false], connections.Select(c => c.Connected));
        Assert.All(connections, c => Assert.True(c.OfInputs));
    }

    private static async Task StoppedAsync(Task running, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static InputMessage Message(string body) => new("readings", Encoding.UTF8.GetBytes(body), new Dictionary<string, string>(), Any.Noon);

    private ValueTask Take(SensorMessage message)
    {
        taken.Add(Encoding.UTF8.GetString(message.Payload));
        return ValueTask.CompletedTask;
    }
}
