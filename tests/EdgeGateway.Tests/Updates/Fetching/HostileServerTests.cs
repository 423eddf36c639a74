using System.Text;
using EdgeGateway.Settings;
using EdgeGateway.Updates.Fetching;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>Servers that lie, crawl, have no end or lead elsewhere.</summary>
public sealed class HostileServerTests : IAsyncLifetime
{
    private const int Length = 200_000;
    private readonly FakeTimeProvider clock = new(Any.Noon);
    private FetchStand stand = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        stand = new FetchStand(FetchStand.Bytes(Length), clock);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => stand.DisposeAsync();

    [Fact]
    public async Task Another_file_of_the_right_length_is_refused_once_and_nothing_of_it_stays()
    {
        stand.Server.Answer = FetchStand.Honest(() => FetchStand.Bytes(Length, seed: 2));
        await stand.RefusedAsync("blob-digest", $"{stand.Server.Host}/store/blob.age is another file than the one with the SHA-256 {stand.Target.Sha256}");
        Assert.Single(stand.Server.Requests);
        await stand.RefusedAsync("digest", "is another file", stand.Target with { Size = null });
    }

    [Fact]
    public async Task A_longer_file_is_refused_before_a_byte_is_taken()
    {
        stand.Server.Answer = FetchStand.Always($"HTTP/1.1 200 OK\nContent-Length: {Length + 1}");
        await stand.RefusedAsync("blob-length", "has 200001 bytes where the manifest says 200000");
        await stand.RefusedAsync("too-large", "has more than the 1000 bytes", stand.Target with { Size = null, MostBytes = 1000 });
    }

    [Fact]
    public async Task A_shorter_file_may_still_be_on_its_way_to_the_server_and_waits()
    {
        stand.Server.Answer = FetchStand.Always($"HTTP/1.1 200 OK\nContent-Length: {Length - 1}", stand.Content[..^1]);
        await stand.WaitsAsync("has 199999 bytes where the manifest says 200000");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\nTransfer-Encoding: chunked")]
    public async Task A_body_without_end_is_taken_no_further_than_the_file_can_go(string framing)
    {
        stand.Server.Answer = async (_, stream) =>
        {
            await RawServer.WriteAsync(stream, $"HTTP/1.1 200 OK{framing}");
            var piece = framing.Length > 0 ? Encoding.Latin1.GetBytes($"2000\r\n{new string('x', 0x2000)}\r\n") : new byte[8192];
            while (true)
            {
                await stream.WriteAsync(piece, stand.Server.Stopped);
            }
        };
        await stand.RefusedAsync("blob-digest", "is another file");
        Assert.Equal(Length, stand.Told[^1]);
        if (framing.Length > 0)
        {
            await stand.RefusedAsync("too-large", "has more than the 1000 bytes", stand.Target with { Size = null, MostBytes = 1000 });
            Assert.Equal(1001, stand.Told[^1]);
        }
        else
        {
            await stand.WaitsAsync("is sent without its length", stand.Target with { Size = null });
        }
    }

    [Fact]
    public async Task A_body_that_goes_on_behind_the_file_does_no_harm()
    {
        stand.Server.Answer = (_, stream) => RawServer.WriteAsync(stream, "HTTP/1.1 200 OK", (byte[])[.. stand.Content, .. new byte[5000]]);
        await stand.FetchedAsync();
    }

    [Fact]
    public async Task A_range_that_goes_on_behind_its_end_is_cut_there()
    {
        await File.WriteAllBytesAsync(stand.Part, stand.Content[..1000], Token);
        stand.Server.Answer = (request, stream) => RawServer.WriteAsync(
            stream, $"HTTP/1.1 206 Part\nContent-Range: bytes {request.From}-{Math.Min(request.From + 99_999, Length - 1)}/{Length}", (byte[])[.. stand.Content.AsSpan(request.From, Math.Min(100_000, Length - request.From)), .. new byte[500]]);
        await stand.FetchedAsync();
        Assert.Equal([1000, 101_000], stand.Server.Requests.Select(r => r.From));
    }

    [Theory]
    [InlineData("bytes 999-199999/200000")]
    [InlineData("bytes 1001-199999/200000")]
    [InlineData("bytes 0-199999/200000")]
    [InlineData("bytes 1000-999/200000")]
    [InlineData("bytes */200000")]
    [InlineData("bites 1000-199999/200000")]
    [InlineData("bytes 1000-199999/200000\nContent-Length: 5")]
    [InlineData("bytes 18446744073709551617-18446744073709551618/99999999999999999999")]
    [InlineData("")]
    public async Task A_range_that_was_not_asked_for_is_not_taken_and_the_file_is_fetched_anew(string range)
    {
        await File.WriteAllBytesAsync(stand.Part, stand.Content[..1000], Token);
        stand.Server.Answer = (request, stream) => request.From == 0 ? FetchStand.Honest(() => stand.Content)(request, stream)
            : RawServer.WriteAsync(stream, $"HTTP/1.1 206 Part\nContent-Range: {range}", stand.Content.AsMemory(1000));
        await stand.FetchedAsync();
        Assert.Equal([1000, 0], stand.Server.Requests.Select(r => r.From));
        File.Delete(stand.Path);
        stand.Server.Answer = FetchStand.Always($"HTTP/1.1 206 Part\nContent-Range: {range}\nContent-Length: 0");
        if (!range.StartsWith("bytes 0-", StringComparison.Ordinal))
        {
            await stand.WaitsAsync("mixes up the ranges");
        }
    }

    [Fact]
    public async Task Nothing_to_send_of_a_part_means_that_it_is_none_of_this_file()
    {
        await File.WriteAllBytesAsync(stand.Part, stand.Content[..1000], Token);
        stand.Server.Answer = FetchStand.Always("HTTP/1.1 416 No\nContent-Length: 0");
        await stand.WaitsAsync("mixes up the ranges");
        Assert.Equal([1000, 0], stand.Server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task A_body_that_breaks_off_again_and_again_keeps_its_part_and_waits()
    {
        stand.Server.Answer = FetchStand.Honest(() => stand.Content, cut: 100);
        await stand.WaitsAsync("broke off 5 times in a row, at last after 500 bytes");
        Assert.Equal([0, 100, 200, 300, 400], stand.Server.Requests.Select(r => r.From));
        stand.Server.Answer = FetchStand.Honest(() => stand.Content);
        await stand.FetchedAsync();
        Assert.Equal(500, stand.Server.Requests.Last().From);
    }

    [Fact]
    public async Task A_chunked_body_that_ends_too_early_waits()
    {
        stand.Server.Answer = FetchStand.Always("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"u8.ToArray());
        await stand.WaitsAsync("broke off 5 times in a row");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("identity, br")]
    [InlineData("secret")]
    public async Task A_compressed_body_is_not_taken(string encoding)
    {
        stand.Server.Answer = FetchStand.Always($"HTTP/1.1 200 OK\nContent-Encoding: {encoding}\nContent-Length: {Length}", stand.Content);
        await stand.WaitsAsync("is sent compressed, though that was not asked for");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 top/secret\nContent-Length: secret")]
    [InlineData("HTTP/9.9 secret")]
    [InlineData("sig=top%2Fsecret%3D")]
    [InlineData("HTTP/1.1 500 secret\nRetry-After: secret\nETag: secret\nContent-Length: 0")]
    [InlineData("HTTP/1.1 302 secret\nLocation: https://secret.example/secret\nContent-Length: 0")]
    [InlineData("HTTP/1.1 302 secret\nLocation: https://[secret\nContent-Length: 0")]
    [InlineData("HTTP/1.1 200 OK\nsecret")]
    public async Task What_a_server_says_in_words_is_not_repeated(string head)
    {
        stand.Server.Answer = FetchStand.Always(head);
        Assert.IsType<FetchResult.Waits>(await stand.FetchAsync());
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Long: ", "secret")]
    [InlineData("", "HTTP")]
    public async Task A_head_without_end_is_given_up(string begin, string more)
    {
        stand.Server.Answer = async (_, stream) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(begin));
            var lines = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(more, 1000)));
            while (true)
            {
                await stream.WriteAsync(lines, stand.Server.Stopped);
            }
        };
        await stand.WaitsAsync("broke off, or answers something else than HTTP");
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_half_a_minute()
    {
        stand.Server.Answer = async (_, _) =>
        {
            clock.Advance(FetchConnection.Patience);
            await Task.Delay(Timeout.Infinite, stand.Server.Stopped);
        };
        await stand.WaitsAsync("has not been answered for 30 seconds");
    }

    [Fact]
    public async Task A_server_that_crawls_is_given_up_and_gone_on_with_later()
    {
        stand.Server.Answer = async (request, stream) =>
        {
            await FetchStand.Honest(() => stand.Content, cut: 10_000)(request, stream);
            await Task.Delay(Timeout.Infinite, stand.Server.Stopped);
        };
        var fetch = AdvancingAsync(at: 10_000, FetchRun.Pace);
        Assert.Contains("sends less than 4096 bytes in 60 seconds", Assert.IsType<FetchResult.Waits>(await fetch).Sentence, StringComparison.Ordinal);
        stand.Server.Answer = FetchStand.Honest(() => stand.Content);
        await stand.FetchedAsync();
        Assert.Equal([0, 10_000], stand.Server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task A_slow_server_has_all_the_time_that_it_needs_up_to_a_day()
    {
        var pieces = new SemaphoreSlim(1);
        stand.Server.Answer = async (request, stream) =>
        {
            await RawServer.WriteAsync(stream, $"HTTP/1.1 200 OK\nContent-Length: {Length}");
            for (var at = 0; at < Length; at += 4096)
            {
                await pieces.WaitAsync(stand.Server.Stopped);
                await stream.WriteAsync(stand.Content.AsMemory(at, Math.Min(4096, Length - at)));
                await stream.FlushAsync();
            }
        };
        var next = 4096L;
        void Advanced(long bytes)
        {
            if (bytes >= next)
            {
                next += 4096;
                clock.Advance(FetchRun.Pace - TimeSpan.FromSeconds(1));
                pieces.Release();
            }
        }

        Assert.IsType<FetchResult.Done>(await new Fetcher(stand.Settings, clock).FetchAsync(stand.Target, stand.Path, Advanced, Token));
        Assert.True(clock.GetUtcNow() - Any.Noon > TimeSpan.FromMinutes(45));

        File.Delete(stand.Path);
        pieces.Release(100);
        var late = Assert.IsType<FetchResult.Waits>(await AdvancingAsync(at: 4096, Fetcher.MostTime));
        Assert.Contains("is not whole after 24 hours", late.Sentence, StringComparison.Ordinal);
    }

    /// <summary>Fetches, and moves the clock once so many bytes are there.</summary>
    private Task<FetchResult> AdvancingAsync(long at, TimeSpan by) => new Fetcher(stand.Settings, clock).FetchAsync(
        stand.Target,
        stand.Path,
        bytes =>
        {
            if (bytes >= at)
            {
                clock.Advance(by);
            }
        },
        Token);
}
