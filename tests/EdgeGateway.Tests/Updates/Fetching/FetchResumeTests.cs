using CsCheck;
using EdgeGateway.Updates.Fetching;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>Going on where an earlier fetch stopped, at any byte.</summary>
public sealed class FetchResumeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_goes_on_at_every_byte_of_a_small_file()
    {
        await using var stand = new FetchStand(FetchStand.Bytes(300));
        for (var at = 0; at <= 300; at++)
        {
            File.Delete(stand.Path);
            await File.WriteAllBytesAsync(stand.Part, stand.Content[..at], Token);
            await stand.FetchedAsync();
        }

        Assert.Equal(Enumerable.Range(0, 300), stand.Server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task It_goes_on_at_any_byte_of_a_large_file_that_breaks_off_everywhere()
    {
        await using var stand = new FetchStand(FetchStand.Bytes(1_000_000));
        var random = new Random(7);
        stand.Server.Answer = (request, stream) => FetchStand.Honest(() => stand.Content, cut: 65_536 + random.Next(200_000))(request, stream);
        for (var round = 0; round < 20; round++)
        {
            File.Delete(stand.Path);
            await File.WriteAllBytesAsync(stand.Part, stand.Content[..random.Next(1_000_000)], Token);
            await stand.FetchedAsync();
        }
    }

    [Fact]
    public async Task Ranges_of_one_fetch_name_the_version_that_they_go_on_with()
    {
        await using var stand = new FetchStand(FetchStand.Bytes(200_000));
        stand.Server.Answer = FetchStand.Honest(() => stand.Content, cut: 70_000);
        await stand.FetchedAsync();
        Assert.Equal([(0, false), (70_000, true), (140_000, true)], stand.Server.Requests.Select(r => (r.From, r.Headers.ContainsKey("if-range"))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    [InlineData(300)]
    [InlineData(400)]
    public async Task A_part_of_another_file_is_noticed_at_the_end_and_fetched_anew(int length)
    {
        await using var stand = new FetchStand(FetchStand.Bytes(300));
        await File.WriteAllBytesAsync(stand.Part, FetchStand.Bytes(length, seed: 9), Token);
        await stand.FetchedAsync();
        Assert.InRange(stand.Server.Requests.Count, 1, 2);
        Assert.Equal(0, stand.Server.Requests.Last().From);
    }

    [Fact]
    public async Task A_content_that_changed_between_ranges_is_fetched_anew()
    {
        await using var stand = new FetchStand(FetchStand.Bytes(200_000));
        var before = FetchStand.Bytes(200_000, seed: 2);
        stand.Server.Answer = (request, stream) => FetchStand.Honest(() => stand.Server.Requests.Count == 1 ? before : stand.Content, cut: 70_000)(request, stream);
        await stand.FetchedAsync();
        Assert.Equal([0, 70_000, 70_000, 140_000], stand.Server.Requests.Select(r => r.From));
    }

    [Theory]
    [InlineData("\nETag: \"{0}\"")]
    [InlineData("\nETag: W/\"{0}\"")]
    [InlineData("")]
    public async Task So_is_one_of_a_server_that_ignores_conditions_or_names_no_versions(string tag)
    {
        await using var stand = new FetchStand(FetchStand.Bytes(200_000));
        stand.Server.Answer = Ranges(n => n == 1 ? FetchStand.Bytes(200_000, seed: 2) : stand.Content, tag, cut: 70_000, stand.Server);
        await stand.FetchedAsync();
    }

    [Theory]
    [InlineData("\nETag: \"{0}\"")]
    [InlineData("")]
    public async Task One_that_changes_all_the_time_waits(string tag)
    {
        await using var stand = new FetchStand(FetchStand.Bytes(200_000));
        stand.Server.Answer = Ranges(n => FetchStand.Bytes(200_000, seed: n + 1), tag, cut: 70_000, stand.Server);
        await stand.WaitsAsync("changes while it is fetched");
        Assert.InRange(stand.Server.Requests.Count, 3, 6);
        stand.Server.Answer = FetchStand.Honest(() => stand.Content);
        await stand.FetchedAsync();
    }

    [Fact]
    public async Task One_whose_length_changes_between_ranges_is_fetched_anew()
    {
        await using var stand = new FetchStand(FetchStand.Bytes(200_000));
        stand.Server.Answer = (request, stream) => request.From == 0 ? FetchStand.Honest(() => stand.Content, cut: 70_000)(request, stream)
            : RawServer.WriteAsync(stream, $"HTTP/1.1 206 Part\nContent-Range: bytes {request.From}-199999/{200_000 + stand.Server.Requests.Count}", stand.Content.AsMemory(request.From, 70_000));
        await stand.RefusedAsync("blob-length", "has 200002 bytes where the manifest says 200000");
        stand.Server.Requests.Clear();
        await stand.WaitsAsync("changes while it is fetched", stand.Target with { Size = null });
    }

    [Fact]
    public async Task A_server_without_ranges_starts_anew_every_time()
    {
        await using var stand = new FetchStand(FetchStand.Bytes(200_000));
        await File.WriteAllBytesAsync(stand.Part, stand.Content[..50_000], Token);
        stand.Server.Answer = (_, stream) => RawServer.WriteAsync(stream, "HTTP/1.1 200 OK\nContent-Length: 200000", stand.Content);
        await stand.FetchedAsync();
        Assert.Single(stand.Server.Requests);
        Assert.Equal(50_000, stand.Told[0]);
    }

    [Fact]
    public void Whatever_servers_and_kills_do_nothing_else_lies_in_its_place_and_an_honest_server_makes_it_whole() =>
        Gen.Select(Gen.Int[1, 150_000], Gen.Int[0, 9].Array[0, 8], Gen.Int).Sample((length, behaviours, seed) => HoldsAsync(length, behaviours, seed).GetAwaiter().GetResult(), iter: 60, threads: 1);

    /// <summary>One fetch for each behaviour of the server, each followed by a kill that leaves some of the part; then one from a server that behaves.</summary>
    private static async Task HoldsAsync(int length, int[] behaviours, int seed)
    {
        var random = new Random(seed);
        await using var stand = new FetchStand(FetchStand.Bytes(length, seed));
        foreach (var behaviour in behaviours)
        {
            stand.Server.Answer = (request, stream) => MisbehaveAsync(stand, random, behaviour, request, stream);
            if (await stand.FetchAsync() is FetchResult.Done)
            {
                File.Delete(stand.Path);
            }

            if (File.Exists(stand.Part))
            {
                using var part = File.OpenWrite(stand.Part);
                part.SetLength(random.NextInt64(part.Length + 1));
            }
        }

        stand.Server.Answer = FetchStand.Honest(() => stand.Content);
        await stand.FetchedAsync();
    }

    private static Task MisbehaveAsync(FetchStand stand, Random random, int behaviour, RawRequest request, Stream stream)
    {
        var (content, from, cut) = (stand.Content, Math.Min(request.From, stand.Content.Length), random.Next(100_000));
        var other = FetchStand.Bytes(content.Length, random.Next());
        var rest = content.AsMemory(from, Math.Min(cut, content.Length - from));
        return behaviour switch
        {
            0 => FetchStand.Honest(() => content, cut)(request, stream),
            1 => FetchStand.Honest(() => random.Next(2) == 0 ? content : other, cut)(request, stream),
            2 => RawServer.WriteAsync(stream, "HTTP/1.1 200 OK", content.AsMemory(0, Math.Min(cut, content.Length))),
            3 => RawServer.WriteAsync(stream, $"HTTP/1.1 206 Part\nContent-Range: bytes {from + random.Next(3) - 1}-{content.Length - 1}/{content.Length}", rest),
            4 => RawServer.WriteAsync(stream, $"HTTP/1.1 206 Part\nContent-Range: bytes {from}-{from + rest.Length}/*", rest),
            5 => RawServer.WriteAsync(stream, "HTTP/1.1 416 No"),
            6 => RawServer.WriteAsync(stream, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked", System.Text.Encoding.Latin1.GetBytes($"{cut % 50:x}\r\n{new string('x', cut % 50)}\r\n0\r\n\r\n")),
            7 => RawServer.WriteAsync(stream, $"HTTP/1.1 {random.Next(100, 600)} Status\nContent-Length: {random.Next(-5, 10)}\nContent-Range: bytes x", rest),
            8 => stream.WriteAsync(FetchStand.Bytes(cut % 5000, cut)).AsTask(),
            _ => Task.CompletedTask,
        };
    }

    /// <summary>Ranges without regard to conditions, of what the so many-th request finds.</summary>
    private static Func<RawRequest, Stream, Task> Ranges(Func<int, byte[]> content, string tag, int cut, RawServer server) => (request, stream) =>
    {
        var (whole, from) = (content(server.Requests.Count), request.From);
        return RawServer.WriteAsync(
            stream,
            $"HTTP/1.1 206 Part\nContent-Range: bytes {from}-{whole.Length - 1}/{whole.Length}{string.Format(System.Globalization.CultureInfo.InvariantCulture, tag, FetchStand.Sha256(whole)[..8])}",
            whole.AsMemory(from, Math.Min(cut, whole.Length - from)));
    };
}
