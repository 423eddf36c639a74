using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Hub;
using EdgeGateway.Twin;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Twin;

public sealed class ReportedPropertiesTests : IAsyncDisposable
{
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly FakeHub hub = new();
    private readonly ReportedProperties reported;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;

    public ReportedPropertiesTests()
    {
        reported = new ReportedProperties(hub, clock, new Random(1), NullLogger.Instance);
        running = reported.RunAsync(stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        reported.Dispose();
        stopping.Dispose();
    }

    [Fact]
    public async Task Only_changes_are_sent_and_what_is_said_no_more_is_removed()
    {
        reported.Say(FakeHub.Json("""{"a":{"x":1,"y":2},"b":1}"""));
        reported.TakeWhole(FakeHub.Json("""{"$version":9,"a":{"x":1},"old":true}"""));
        Assert.Equal("""{"old":null,"a":{"y":2},"b":1}""", await NextAsync());
        reported.Say(FakeHub.Json("""{"a":{"x":1,"y":2},"b":2}"""));
        Assert.Equal("""{"b":2}""", await NextAsync());
    }

    [Fact]
    public async Task Changes_that_come_together_are_one_update()
    {
        reported.TakeWhole([]);
        for (var i = 0; i < 20; i++)
        {
            reported.Say(new JsonObject { ["n"] = i });
        }

        Assert.Equal("""{"n":19}""", await NextAsync());
    }

    [Theory]
    [InlineData(0.01, 2.3)]
    [InlineData(0.5, 17)]
    [InlineData(0.99, 31.7)]
    public async Task After_each_connect_the_first_update_waits_as_long_as_chance_says(double chance, double seconds)
    {
        using var one = new ReportedProperties(hub, clock, new Told(chance), NullLogger.Instance);
        using var ending = new CancellationTokenSource();
        var run = one.RunAsync(ending.Token);
        for (var connect = 0; connect < 3; connect++)
        {
            one.Disconnected();
            one.Say(new JsonObject { ["n"] = connect });
            one.TakeWhole([]);
            var began = clock.GetUtcNow();
            Assert.Equal($$"""{"n":{{connect}}}""", await NextAsync());
            Assert.InRange((clock.GetUtcNow() - began).TotalSeconds, seconds, seconds + 300);
        }

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Nothing_is_sent_without_a_connection_and_all_of_it_with_the_next()
    {
        reported.TakeWhole([]);
        reported.Disconnected();
        reported.Say(FakeHub.Json("""{"a":1}"""));
        clock.Advance(TimeSpan.FromHours(1));
        await Task.Yield();
        Assert.False(hub.Patches.TryPeek(out _));
        reported.TakeWhole([]);
        Assert.Equal("""{"a":1}""", await NextAsync());
    }

    [Fact]
    public async Task While_an_update_is_under_way_further_ones_are_gathered_into_the_next()
    {
        var answered = new TaskCompletionSource();
        hub.Reporting = token => answered.Task.WaitAsync(token);
        reported.Say(FakeHub.Json("""{"n":0}"""));
        reported.TakeWhole([]);
        await UntilAsync(() => hub.InFlight == 1);
        for (var i = 1; i < 100; i++)
        {
            reported.Say(new JsonObject { ["n"] = i });
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        answered.SetResult();
        Assert.Equal(("""{"n":0}""", """{"n":99}"""), (await NextAsync(), await NextAsync()));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.False(hub.Patches.TryPeek(out _));
    }

    [Fact]
    public async Task A_hub_that_stays_too_busy_is_asked_less_and_less_often()
    {
        for (var i = 0; i < 12; i++)
        {
            hub.Faults.Enqueue(new HubException(HubFault.Throttled, "429"));
        }

        reported.Say(FakeHub.Json("""{"a":1}"""));
        reported.TakeWhole([]);
        var (began, times) = (clock.GetUtcNow(), new List<double>());
        for (var left = 11; left >= 0; left--)
        {
            await UntilAsync(() => hub.Faults.Count == left);
            times.Add((clock.GetUtcNow() - began).TotalMinutes);
        }

        Assert.InRange(times[5], 0, 20);
        Assert.InRange(times[^1] - times[5], 6 * 3, 6 * 20);
        Assert.Equal("""{"a":1}""", await NextAsync());
    }

    [Fact]
    public async Task What_an_edgeHub_took_offline_and_the_hub_refused_later_is_sent_again_after_the_next_whole()
    {
        reported.Say(FakeHub.Json("""{"a":1,"b":2}"""));
        reported.TakeWhole(FakeHub.Json("""{"a":1}"""));
        Assert.Equal("""{"b":2}""", await NextAsync());
        reported.TakeWhole(FakeHub.Json("""{"a":1}"""));
        Assert.Equal("""{"b":2}""", await NextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_not_taken_is_sent_again(bool throttled)
    {
        hub.Faults.Enqueue(new HubException(throttled ? HubFault.Throttled : HubFault.Unavailable, "busy"));
        reported.Say(FakeHub.Json("""{"a":1}"""));
        reported.TakeWhole([]);
        Assert.Equal("""{"a":1}""", await NextAsync());
        Assert.Empty(hub.Faults);
    }

    [Fact]
    public async Task What_was_refused_is_not_sent_again_until_it_changes()
    {
        hub.Faults.Enqueue(new HubException(HubFault.Refused, "no"));
        reported.Say(FakeHub.Json("""{"a":1}"""));
        reported.TakeWhole([]);
        await UntilAsync(() => hub.Faults.Count == 0);
        reported.TakeWhole([]);
        clock.Advance(TimeSpan.FromHours(1));
        reported.Say(FakeHub.Json("""{"a":2}"""));
        Assert.Equal("""{"a":2}""", await NextAsync());
    }

    [Fact]
    public async Task What_is_said_never_exceeds_8_KB()
    {
        var much = new JsonObject { ["heartbeat"] = new JsonObject { ["time"] = "now" } };
        for (var i = 0; i < 200; i++)
        {
            much[$"section{i}"] = new SectionStatus(i, 400, new string('x', 400)).ToJson();
        }

        reported.Say(much);
        reported.TakeWhole([]);
        await NextAsync();
        Assert.InRange(Encoding.UTF8.GetByteCount(hub.Reported.ToJsonString()), 7000, ReportedProperties.Largest);
        Assert.NotNull(hub.Reported["heartbeat"]);
    }

    private async Task<string> NextAsync()
    {
        await UntilAsync(() => hub.Patches.TryPeek(out _));
        return (await hub.Patches.ReadAsync(TestContext.Current.CancellationToken)).ToJsonString();
    }

    private Task UntilAsync(Func<bool> condition) => Passing.UntilAsync(clock, condition);

    private sealed class Told(double chance) : Random
    {
        public override double NextDouble() => chance;
    }
}

/// <summary>Lets the time of a fake clock pass while others do what waits for it.</summary>
internal static class Passing
{
    public static async Task UntilAsync(FakeTimeProvider clock, Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 20_000, "It does not happen however much time passes.");
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
