using System.Collections.Concurrent;
using System.Text;
using EdgeGateway.Hub;
using EdgeGateway.Stages;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Hub;

public sealed class MethodCallsTests : IDisposable
{
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly Accounting accounting = new();
    private readonly CancellationTokenSource closed = new();

    // several calls may end at the same moment, on several threads
    private readonly ConcurrentQueue<(string Id, int Status, string Payload)> answers = new();
    private readonly ConcurrentQueue<string> invoked = new();
    private Func<MethodRequest, CancellationToken, Task<MethodResponse>> handler;
    private readonly MethodCalls calls;

    public MethodCallsTests()
    {
        handler = (request, _) => Task.FromResult(new MethodResponse(200, request.Payload));
        calls = new MethodCalls((request, token) =>
        {
            invoked.Enqueue(request.Name);
            return handler(request, token);
        }, (id, answer) =>
        {
            answers.Enqueue((id, answer.Status, Encoding.UTF8.GetString(answer.Payload.Span)));
            return Task.CompletedTask;
        }, accounting, clock, closed.Token);
    }

    public void Dispose() => closed.Dispose();

    [Fact]
    public async Task The_same_request_twice_runs_once_and_is_answered_twice_alike()
    {
        await TakeAsync("ping", "1", "7");
        await TakeAsync("ping", "1", "7");
        Assert.Equal(["ping"], invoked);
        Assert.Equal([("1", 200, "7"), ("1", 200, "7")], answers);
        Assert.Equal(1, accounting.Of("hub.methods", reason: "repeated").Value);
    }

    [Fact]
    public async Task The_same_request_while_it_runs_waits_for_the_one_answer()
    {
        var gate = new TaskCompletionSource();
        handler = async (_, _) =>
        {
            await gate.Task;
            return new MethodResponse(200, default);
        };
        var (first, second) = (TakeAsync("slow", "1", ""), TakeAsync("slow", "1", ""));
        gate.SetResult();
        await Task.WhenAll(first, second);
        Assert.Equal(["slow"], invoked);
        Assert.Single(answers);
    }

    [Fact]
    public async Task Another_method_under_a_known_id_is_another_request()
    {
        await TakeAsync("ping", "1", "");
        await TakeAsync("status", "1", "");
        await TakeAsync("status", "1", "{}");
        Assert.Equal(["ping", "status", "status"], invoked);
    }

    [Fact]
    public async Task What_is_remembered_is_bounded()
    {
        for (var i = 0; i < 100; i++)
        {
            await TakeAsync("ping", $"{i}", "");
        }

        await TakeAsync("ping", "99", "");
        await TakeAsync("ping", "0", "");
        Assert.Equal(101, invoked.Count);
    }

    [Fact]
    public async Task More_than_eight_at_once_are_told_to_come_later()
    {
        var gate = new TaskCompletionSource<MethodResponse>();
        handler = (_, _) => gate.Task;
        var running = Enumerable.Range(0, 8).Select(i => TakeAsync("slow", $"{i}", "")).ToList();
        await TakeAsync("slow", "9", "");
        Assert.Equal(("9", 429), (answers.Single().Id, answers.Single().Status));
        gate.SetResult(new MethodResponse(200, default));
        await Task.WhenAll(running);
        await TakeAsync("slow", "9", "");
        Assert.Equal(9, answers.Count(a => a.Status == 200));
    }

    [Fact]
    public async Task A_payload_above_128_KB_is_answered_413_and_an_answer_above_it_500()
    {
        await TakeAsync("big", "1", new string('x', (128 << 10) + 1));
        handler = (_, _) => Task.FromResult(new MethodResponse(200, new byte[(128 << 10) + 1]));
        await TakeAsync("big", "2", "");
        Assert.Equal([413, 500], answers.Select(a => a.Status));
        Assert.Equal(["big"], invoked);
    }

    [Fact]
    public async Task A_handler_that_throws_is_answered_500_and_says_nothing_of_why()
    {
        handler = (_, _) => throw new InvalidDataException("secret");
        await TakeAsync("ping", "1", "not json");
        Assert.Equal(("1", 500, """{"error":"the method failed"}"""), answers.Single());
    }

    [Fact]
    public async Task After_five_minutes_nobody_waits_any_more()
    {
        handler = WaitAsync;
        var call = TakeAsync("slow", "1", "");
        clock.Advance(TimeSpan.FromSeconds(301));
        await call;
        Assert.Equal(504, answers.Single().Status);
    }

    [Fact]
    public async Task When_the_connection_is_gone_the_method_is_cancelled_and_nothing_is_sent()
    {
        handler = WaitAsync;
        var call = TakeAsync("slow", "1", "");
        await closed.CancelAsync();
        await call;
        Assert.Empty(answers);
    }

    private async Task<MethodResponse> WaitAsync(MethodRequest request, CancellationToken token)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, token);
        return new MethodResponse(200, default);
    }

    private Task TakeAsync(string name, string id, string payload) => calls.TakeAsync(name, id, Encoding.UTF8.GetBytes(payload));
}
