using EdgeGateway.Updates.Fetching;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>Fetching from a server that behaves, and what is on the disk before and after.</summary>
public sealed class FetcherTests : IAsyncLifetime
{
    private readonly FetchStand stand = new(FetchStand.Bytes(200_000));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => stand.DisposeAsync();

    [Fact]
    public async Task A_file_is_fetched_with_its_query_and_nothing_else_that_tells_of_us()
    {
        await stand.FetchedAsync();
        var request = Assert.Single(stand.Server.Requests);
        Assert.Equal($"/store/blob.age?{FetchStand.Query}", request.Target);
        Assert.Equal(["accept-encoding", "host", "user-agent"], request.Headers.Keys.Order());
        Assert.Equal("identity", request.Headers["accept-encoding"]);
        Assert.Equal((0, 200_000), (stand.Told[0], stand.Told[^1]));
        Assert.Equal(stand.Told.Order(), stand.Told);
        Assert.False(!OperatingSystem.IsWindows() && File.GetUnixFileMode(stand.Path) != (UnixFileMode.UserRead | UnixFileMode.UserWrite), "others may read it");
    }

    [Theory]
    [InlineData("?sig=top%2Fsecret", "/a?sig=top%2Fsecret")]
    [InlineData("sig=a b\r\nHost: x#y", "/a?sig=a%20b%0D%0AHost:%20x")]
    public async Task A_query_stays_a_query(string query, string asked)
    {
        await stand.FetchedAsync(stand.Target with { Url = new Uri($"https://{stand.Server.Host}/a"), Query = query });
        Assert.Equal(asked, Assert.Single(stand.Server.Requests).Target);
    }

    [Theory]
    [InlineData("https://store.example/a%20b/ü", "store.example/a%20b/%C3%BC")]
    [InlineData("https://STÖRE.example:8443/", "xn--stre-6qa.example:8443/")]
    [InlineData("https://[fd00::5]:8443/x?y#z", "[fd00::5]:8443/x")]
    public void A_place_is_shown_without_query_and_in_ASCII(string url, string shown) =>
        Assert.Equal(shown, new FetchTarget(new Uri(url), FetchStand.Query, 1, null, null).Place);

    [Theory]
    [InlineData("\ud800", "\udfff x")]
    [InlineData("\u202e\0", "%")]
    public void Whatever_a_twin_has_as_query_makes_an_address(string first, string second)
    {
        var request = new FetchTarget(new Uri("https://store.example/x"), first + string.Concat(Enumerable.Repeat(second, 5000)), 1, null, null).Request;
        Assert.Equal(("store.example", "/x"), (request.Host, request.AbsolutePath));
    }

    [Fact]
    public async Task A_query_of_the_address_itself_comes_first_and_is_not_shown()
    {
        stand.Server.Answer = FetchStand.Always("HTTP/1.1 500 No\nContent-Length: 0");
        await stand.WaitsAsync($"{stand.Server.Host}/a was answered with 500", stand.Target with { Url = new Uri($"https://{stand.Server.Host}/a?t=secret#secret") });
        Assert.Equal($"/a?t=secret&{FetchStand.Query}", Assert.Single(stand.Server.Requests).Target);
    }

    [Fact]
    public async Task What_lies_there_already_is_not_fetched_again()
    {
        await File.WriteAllBytesAsync(stand.Path, stand.Content, Token);
        await stand.FetchedAsync();
        Assert.Empty(stand.Server.Requests);
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(199_999)]
    public async Task Another_file_in_its_place_makes_room(int length)
    {
        await File.WriteAllBytesAsync(stand.Path, FetchStand.Bytes(length, seed: 2), Token);
        Assert.IsType<FetchResult.Done>(await new Fetcher(stand.Settings, stand.Clock).FetchAsync(stand.Target, stand.Path, _ => { }, Token));
        Assert.Equal(stand.Content, await File.ReadAllBytesAsync(stand.Path, Token));
    }

    [Fact]
    public async Task A_whole_part_only_needs_its_name()
    {
        await File.WriteAllBytesAsync(stand.Part, stand.Content, Token);
        await stand.FetchedAsync();
        Assert.Empty(stand.Server.Requests);
    }

    [Fact]
    public async Task A_file_of_unknown_length_is_proven_by_its_digest_alone()
    {
        await File.WriteAllBytesAsync(stand.Part, stand.Content[..77_777], Token);
        await stand.FetchedAsync(stand.Target with { Size = null });
        Assert.Equal(77_777, Assert.Single(stand.Server.Requests).From);
        stand.Server.Answer = FetchStand.Always("HTTP/1.1 500 No");
        await stand.FetchedAsync(stand.Target with { Size = null });
    }

    [Fact]
    public async Task A_file_of_which_nothing_is_known_is_fetched_in_one_piece()
    {
        var unknown = stand.Target with { Size = null, Sha256 = null };
        await File.WriteAllBytesAsync(stand.Part, stand.Content[..77_777], Token);
        await stand.FetchedAsync(unknown);
        stand.Server.Answer = FetchStand.Honest(() => stand.Content, cut: 150_000);
        File.Delete(stand.Path);
        await stand.WaitsAsync("broke off 5 times in a row", unknown);
        Assert.All(stand.Server.Requests, request => Assert.Equal(0, request.From));
    }

    [Fact]
    public async Task Links_and_pipes_in_place_of_the_file_and_its_part_are_not_followed()
    {
        var precious = Path.Combine(stand.Folder, "precious");
        await File.WriteAllBytesAsync(precious, stand.Content, Token);
        File.CreateSymbolicLink(stand.Part, precious);
        File.CreateSymbolicLink(stand.Path, precious);
        Assert.IsType<FetchResult.Done>(await new Fetcher(stand.Settings, stand.Clock).FetchAsync(stand.Target, stand.Path, _ => { }, Token));
        Assert.Single(stand.Server.Requests);
        Assert.Null(File.ResolveLinkTarget(stand.Path, returnFinalTarget: false));
        Assert.Equal(stand.Content, await File.ReadAllBytesAsync(precious, Token));

        File.Delete(stand.Path);
        using var mkfifo = System.Diagnostics.Process.Start("mkfifo", [stand.Part]);
        await mkfifo.WaitForExitAsync(Token);
        await stand.FetchedAsync();
    }

    [Fact]
    public async Task Folders_in_the_way_are_said_and_wait()
    {
        Directory.CreateDirectory(stand.Part);
        await stand.WaitsAsync("blob.part is not stored: the disk refused");
        Directory.Delete(stand.Part);
        Directory.CreateDirectory(stand.Path);
        await stand.WaitsAsync("blob is not stored: the disk refused");
        Directory.Delete(stand.Path);
        await stand.FetchedAsync();
    }

    [Fact]
    public async Task Without_a_folder_nothing_is_asked_for()
    {
        var waits = Assert.IsType<FetchResult.Waits>(await new Fetcher(stand.Settings, stand.Clock).FetchAsync(stand.Target, Path.Combine(stand.Folder, "gone", "blob"), _ => { }, Token));
        Assert.Contains("is not stored", waits.Sentence, StringComparison.Ordinal);
        Assert.Equal("disk", EdgeGateway.Updates.StepOutcome.Of(waits).Code);
        Assert.Empty(stand.Server.Requests);
    }

    [Fact]
    public async Task What_would_not_leave_room_for_alerts_is_not_begun()
    {
        await stand.WaitsAsync("64 MiB must stay free for alerts, the volume of the data folder has", stand.Target with { Size = 1L << 50, MostBytes = 1L << 50 });
        Assert.Empty(stand.Server.Requests);
    }

    [Fact]
    public async Task A_fetch_that_is_cancelled_keeps_its_part_and_says_so_by_an_exception()
    {
        using var stop = new CancellationTokenSource();
        var stuck = FetchStand.Honest(() => stand.Content, cut: 100_000);
        stand.Server.Answer = async (request, stream) =>
        {
            await stuck(request, stream);
            await Task.Delay(Timeout.Infinite, stand.Server.Stopped);
        };
        var fetch = new Fetcher(stand.Settings, stand.Clock).FetchAsync(stand.Target, stand.Path, n => (n == 100_000 ? stop : null)?.Cancel(), stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Equal(100_000, new FileInfo(stand.Part).Length);
        stand.Server.Answer = FetchStand.Honest(() => stand.Content);
        await stand.FetchedAsync();
        Assert.Equal([0, 100_000], stand.Server.Requests.Select(r => r.From));
    }
}
