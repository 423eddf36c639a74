using EdgeGateway.Hub;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Hub;

public class CallGateTests
{
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly CallGate gate;

    public CallGateTests() => gate = new CallGate(clock);

    [Fact]
    public async Task Closing_waits_for_what_is_under_way_and_holds_back_what_comes()
    {
        var (done, begun) = (new TaskCompletionSource<int>(), false);
        var first = PassAsync("sending a message", () => done.Task);
        var closing = gate.CloseAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        var second = PassAsync("reading the twin", () =>
        {
            begun = true;
            return Task.FromResult(2);
        });
        Assert.Equal((false, false, "sending a message"), (closing.IsCompleted, begun, gate.Doing));
        done.SetResult(1);
        await closing;
        Assert.Equal((1, false), (await first, begun));
        gate.Open();
        Assert.Equal(2, await second);
        Assert.Equal("", gate.Doing);
    }

    [Fact]
    public async Task Closing_does_not_wait_for_ever()
    {
        var done = new TaskCompletionSource<int>();
        var call = PassAsync("sending a message", () => done.Task);
        var closing = gate.CloseAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(11));
        await closing;
        done.SetResult(1);
        Assert.Equal(1, await call);
    }

    [Fact]
    public async Task What_is_only_counted_passes_a_closed_gate()
    {
        await gate.CloseAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(1, await gate.PassAsync("running a method", () => Task.FromResult(1), waits: false, TestContext.Current.CancellationToken));
    }

    private Task<int> PassAsync(string what, Func<Task<int>> call) => gate.PassAsync(what, call, waits: true, TestContext.Current.CancellationToken);
}
