using System.Net;
using System.Text;
using EdgeGateway.Delivery;
using EdgeGateway.Settings;
using EdgeGateway.Storage;
using EdgeGateway.Tests.Hub;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Webhook;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Webhook;

/// <summary>The webhook against a real HTTP server that behaves and misbehaves.</summary>
public sealed class WebhookAlertSinkTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private Receiver receiver = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => receiver = await Receiver.StartedAsync();

    public async ValueTask DisposeAsync()
    {
        await receiver.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task An_alert_is_posted_as_a_structured_cloud_event_with_the_body_that_every_sink_gets()
    {
        using var sink = Sink();
        await sink.SendAsync(Entry(1), Token);
        var request = Assert.Single(receiver.Requests);
        Assert.Equal(("POST", "application/cloudevents+json; charset=utf-8", "", "/secret-path?key=secret"), (request.Method, request.ContentType, request.Authorization, request.Target));
        Assert.Equal(Entry(1).Body.ToArray(), request.Body);
        Assert.Equal("webhook", sink.Name);
    }

    [Fact]
    public async Task The_first_line_of_the_token_file_is_the_bearer_token_and_a_new_one_counts_at_once()
    {
        var file = Path.Combine(folder.Path, "token");
        using var sink = Sink(token: file);
        await File.WriteAllTextAsync(file, "first\nsecond line\n", Token);
        await sink.SendAsync(Entry(1), Token);
        await File.WriteAllTextAsync(file, "changed", Token);
        await sink.SendAsync(Entry(2), Token);
        Assert.Equal(["Bearer first", "Bearer changed"], receiver.Requests.Select(r => r.Authorization));
    }

    [Theory]
    [InlineData(null, "token")]
    [InlineData("", "is no bearer token")]
    [InlineData("hunter2 x", "is no bearer token")]
    [InlineData("hunter2ä", "is no bearer token")]
    public async Task Without_a_usable_token_nothing_is_posted_and_the_alert_waits(string? text, string sentence)
    {
        var file = Path.Combine(folder.Path, "token");
        if (text is not null)
        {
            await File.WriteAllTextAsync(file, text, Token);
        }

        using var sink = Sink(token: file);
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => sink.SendAsync(Entry(1), Token));
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.Message, StringComparison.Ordinal);
        Assert.Empty(receiver.Requests);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(407)]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task What_may_pass_is_tried_again_under_the_same_id(int status)
    {
        using var sink = Sink();
        receiver.Answer = Receiver.With(status);
        var failed = await Assert.ThrowsAsync<HttpRequestException>(() => sink.SendAsync(Entry(1), Token));
        Assert.Contains($"answered {status}", failed.Message, StringComparison.Ordinal);
        receiver.Answer = Receiver.With(202);
        await sink.SendAsync(Entry(1), Token);
        Assert.Equal(["abcdefghij2345672345.1", "abcdefghij2345672345.1"], receiver.Requests.Select(r => r.Id));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(410)]
    [InlineData(413)]
    [InlineData(415)]
    public async Task What_the_server_never_takes_is_a_dead_letter_with_the_status_in_its_reason(int status)
    {
        using var sink = Sink();
        receiver.Answer = Receiver.With(status);
        var dead = await Assert.ThrowsAsync<DeadLetterException>(() => sink.SendAsync(Entry(1), Token));
        Assert.Contains($"answered {status}", dead.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", dead.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var elsewhere = await Receiver.StartedAsync();
        using var sink = Sink();
        receiver.Answer = Receiver.With(status, ("Location", elsewhere.Url.ToString()));
        var dead = await Assert.ThrowsAsync<DeadLetterException>(() => sink.SendAsync(Entry(1), Token));
        Assert.Contains($"answered {status}", dead.Message, StringComparison.Ordinal);
        Assert.Contains("redirects are not followed", dead.Message, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData("60", 60)]
    [InlineData("Tue, 24 Nov 2026 12:01:00 GMT", 60)]
    [InlineData("86400", 300)]
    [InlineData("Tue, 24 Nov 2099 12:01:00 GMT", 300)]
    public async Task A_server_that_asks_for_a_pause_is_spared_until_it_is_over_but_not_for_longer_than_five_minutes(string retryAfter, int seconds)
    {
        using var sink = Sink();
        receiver.Answer = Receiver.With(429, ("Retry-After", retryAfter));
        await Assert.ThrowsAsync<HttpRequestException>(() => sink.SendAsync(Entry(1), Token));
        receiver.Answer = Receiver.With(204);
        clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        var spared = await Assert.ThrowsAsync<HttpRequestException>(() => sink.SendAsync(Entry(1), Token));
        Assert.Contains("answered 429", spared.Message, StringComparison.Ordinal);
        Assert.Single(receiver.Requests);
        clock.Advance(TimeSpan.FromSeconds(1));
        await sink.SendAsync(Entry(1), Token);
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("Tue, 24 Nov 2020 12:00:00 GMT")]
    public async Task A_pause_that_is_over_or_no_time_at_all_holds_nothing_up(string retryAfter)
    {
        using var sink = Sink();
        receiver.Answer = Receiver.With(503, ("Retry-After", retryAfter));
        await Assert.ThrowsAsync<HttpRequestException>(() => sink.SendAsync(Entry(1), Token));
        receiver.Answer = Receiver.With(204);
        await sink.SendAsync(Entry(1), Token);
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_hangs_is_waited_for_no_longer_than_fifteen_seconds()
    {
        using var sink = Sink();
        receiver.Answer = context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        var sending = sink.SendAsync(Entry(1), Token);
        await Until.HoldsAsync(() => !receiver.Requests.IsEmpty, "the request is there");
        clock.Advance(WebhookAlertSink.Patience - TimeSpan.FromSeconds(1));
        Assert.False(sending.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var failed = await Assert.ThrowsAsync<TimeoutException>(() => sending);
        Assert.Equal($"{receiver.Url.GetLeftPart(UriPartial.Authority)} has not answered for 15 seconds.", failed.Message);
        receiver.Answer = Receiver.With(204);
        await sink.SendAsync(Entry(1), Token);
    }

    [Fact]
    public async Task A_slow_answer_is_an_answer()
    {
        using var sink = Sink();
        var answered = new TaskCompletionSource();
        receiver.Answer = context => answered.Task;
        var sending = sink.SendAsync(Entry(1), Token);
        await Until.HoldsAsync(() => !receiver.Requests.IsEmpty, "the request is there");
        clock.Advance(TimeSpan.FromSeconds(14));
        answered.SetResult();
        await sending;
    }

    [Fact]
    public async Task A_server_that_cuts_the_connection_is_tried_again()
    {
        using var sink = Sink();
        receiver.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        var failed = await Assert.ThrowsAsync<HttpRequestException>(() => sink.SendAsync(Entry(1), Token));
        Assert.Contains("cannot be reached or broke off", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
        receiver.Answer = Receiver.With(204);
        await sink.SendAsync(Entry(1), Token);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public async Task Of_an_answer_without_an_end_only_the_status_is_read(int status)
    {
        using var sink = Sink();
        var left = new TaskCompletionSource();
        receiver.Answer = async context =>
        {
            context.Response.StatusCode = status;
            try
            {
                while (true)
                {
                    await context.Response.Body.WriteAsync(new byte[65536], context.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
                left.SetResult();
            }
        };
        var sending = sink.SendAsync(Entry(1), Token);
        await (status == 200 ? sending : Assert.ThrowsAsync<HttpRequestException>(() => sending));
        await left.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task Nobody_there_is_one_sentence_that_names_the_server_alone()
    {
        using var sink = Sink();
        await receiver.DisposeAsync();
        var failed = await Assert.ThrowsAsync<HttpRequestException>(() => sink.SendAsync(Entry(1), Token));
        Assert.Contains($"{receiver.Url.GetLeftPart(UriPartial.Authority)} cannot be reached", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_ends_the_wait_at_once()
    {
        using var sink = Sink();
        using var stop = new CancellationTokenSource();
        receiver.Answer = context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        var sending = sink.SendAsync(Entry(1), stop.Token);
        await Until.HoldsAsync(() => !receiver.Requests.IsEmpty, "the request is there");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    private WebhookAlertSink Sink(string? token = null) => new(new WebhookSettings(receiver.Url, token, null), clock);

    private static OutboxEntry Entry(int sequence) => new(
        sequence, "abcdefghij2345672345", sequence, "l1/p1", 412, "updated", Any.Noon, Encoding.UTF8.GetBytes($$"""{ "id": "abcdefghij2345672345.{{sequence}}", "data": { "text": "ä" } }"""));
}
