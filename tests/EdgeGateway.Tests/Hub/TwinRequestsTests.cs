using System.Text;
using CsCheck;
using EdgeGateway.Hub;
using EdgeGateway.Stages;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Hub;

public class TwinRequestsTests
{
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private readonly Accounting accounting = new();
    private readonly TwinRequests requests;
    private readonly List<string> asked = [];

    public TwinRequestsTests() => requests = new TwinRequests(clock, accounting);

    [Fact]
    public async Task Each_request_gets_the_answer_with_its_own_id_in_whatever_order_they_come()
    {
        var (first, second) = (AskAsync(), AskAsync());
        requests.Answer(200, asked[1], "2"u8.ToArray());
        requests.Answer(200, asked[0], "1"u8.ToArray());
        Assert.Equal(("1", "2"), (Encoding.UTF8.GetString((await first).Span), Encoding.UTF8.GetString((await second).Span)));
        Assert.All(asked, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }

    [Fact]
    public async Task An_answer_that_comes_twice_late_or_to_nobody_is_counted_and_ignored()
    {
        var request = AskAsync();
        requests.Answer(200, "stranger", default);
        requests.Answer(200, asked[0], default);
        requests.Answer(500, asked[0], default);
        await request;
        Assert.Equal(2, accounting.Total("hub.ignored"));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_within_a_minute_is_unavailable_and_too_late_after()
    {
        var request = AskAsync();
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HubFault.Unavailable, (await Assert.ThrowsAsync<HubException>(() => request)).Fault);
        requests.Answer(200, asked[0], default);
        Assert.Equal(1, accounting.Total("hub.ignored"));
    }

    [Fact]
    public async Task What_was_asked_over_a_connection_fails_with_it()
    {
        var request = AskAsync();
        requests.Fail("cut");
        Assert.Equal((HubFault.Unavailable, "cut"), (await Assert.ThrowsAsync<HubException>(() => request)) is var e ? (e.Fault, e.Message) : default);
    }

    [Theory]
    [InlineData(400, """{"errorCode":400004,"message":"too deep","trackingId":"x"}""", HubFault.Refused, "400 about the twin: too deep")]
    [InlineData(412, "", HubFault.Refused, "412")]
    [InlineData(429, "", HubFault.Throttled, "429")]
    [InlineData(503, "<html>", HubFault.Throttled, "503")]
    [InlineData(500, """{"message":7}""", HubFault.Throttled, "500")]
    internal async Task A_refusal_goes_by_its_status_and_shows_what_its_body_says(int status, string body, HubFault fault, string said)
    {
        var request = AskAsync();
        requests.Answer(status, asked[0], Encoding.UTF8.GetBytes(body));
        var refused = await Assert.ThrowsAsync<HubException>(() => request);
        Assert.Equal(fault, refused.Fault);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task No_body_of_a_refusal_throws_anything_else() => Gen.Byte.Array.SampleAsync(
        async body =>
        {
            var request = AskAsync();
            requests.Answer(400, asked[^1], body);
            await Assert.ThrowsAsync<HubException>(() => request);
        },
        iter: 300, threads: 1);

    private Task<ReadOnlyMemory<byte>> AskAsync() => requests.AskAsync(
        id =>
        {
            asked.Add(id);
            return Task.CompletedTask;
        },
        TestContext.Current.CancellationToken);
}
