using EdgeGateway.Settings;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>Who is asked, and what answers without a file mean.</summary>
public sealed class FetchAnswerTests : IAsyncLifetime
{
    private FetchStand stand = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        stand = new FetchStand(FetchStand.Bytes(200_000), new FakeTimeProvider(Any.Noon));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => stand.DisposeAsync();

    [Theory]
    [InlineData("/moved", true)]
    [InlineData("moved?other=1", true)]
    [InlineData("https://{0}/moved", true)]
    [InlineData("//{0}/moved", true)]
    [InlineData("http://{0}/moved", false)]
    [InlineData("https://127.0.0.1:{1}/moved", false)]
    [InlineData("https://localhost/moved", false)]
    [InlineData("https://me:you@{0}/moved", false)]
    [InlineData("//store.example/moved", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("ftp://{0}/moved", false)]
    [InlineData("javascript:1", false)]
    [InlineData("", false)]
    public async Task A_redirect_is_followed_to_the_same_server_alone(string format, bool follows)
    {
        var to = string.Format(System.Globalization.CultureInfo.InvariantCulture, format, stand.Server.Host, stand.Server.Port);
        stand.Server.Answer = (request, stream) => request.Target.Contains("moved", StringComparison.Ordinal) ? FetchStand.Honest(() => stand.Content)(request, stream)
            : RawServer.WriteAsync(stream, $"HTTP/1.1 302 Found\nLocation: {to}\nContent-Length: 0");
        if (follows)
        {
            await stand.FetchedAsync();
            Assert.DoesNotContain("secret", stand.Server.Requests.Last().Target, StringComparison.Ordinal);
        }
        else
        {
            await stand.WaitsAsync("redirects to another server, to no address, or more than 5 times; name the address");
            Assert.Single(stand.Server.Requests);
        }
    }

    [Theory]
    [InlineData(301, 5, true)]
    [InlineData(303, 5, true)]
    [InlineData(307, 5, true)]
    [InlineData(308, 6, false)]
    public async Task Redirects_have_an_end(int status, int count, bool arrives)
    {
        stand.Server.Answer = (request, stream) => stand.Server.Requests.Count > count ? FetchStand.Honest(() => stand.Content)(request, stream)
            : RawServer.WriteAsync(stream, $"HTTP/1.1 {status} Moved\nLocation: /store/{stand.Server.Requests.Count}\nContent-Length: 0");
        if (arrives)
        {
            await stand.FetchedAsync();
        }
        else
        {
            await stand.WaitsAsync("or more than 5 times");
        }

        Assert.Equal(6, stand.Server.Requests.Count);
    }

    [Theory]
    [InlineData(404, "", "there is no such file; put it there", null)]
    [InlineData(410, "", "there is no such file; put it there", null)]
    [InlineData(400, "", "was answered with 400", null)]
    [InlineData(304, "", "was answered with 304", null)]
    [InlineData(204, "", "was answered with 204", null)]
    [InlineData(408, "", "was answered with 408", null)]
    [InlineData(429, "120", "was answered with 429", 120)]
    [InlineData(500, "-5", "was answered with 500", null)]
    [InlineData(503, "99999999", "was answered with 503", 3600)]
    [InlineData(503, "Tue, 24 Nov 2026 12:00:30 GMT", "was answered with 503", 30)]
    [InlineData(503, "Tue, 24 Nov 2026 11:00:30 GMT", "was answered with 503", null)]
    [InlineData(503, "soon", "was answered with 503", null)]
    public async Task What_may_pass_waits_and_for_as_long_as_the_server_wants_but_no_longer_than_an_hour(int status, string retryAfter, string sentence, int? seconds)
    {
        stand.Server.Answer = FetchStand.Always($"HTTP/1.1 {status} No\nContent-Length: 0{(retryAfter.Length > 0 ? $"\nRetry-After: {retryAfter}" : "")}");
        Assert.Equal(seconds, (await stand.WaitsAsync(sentence)).RetryAfter?.TotalSeconds);
        Assert.Single(stand.Server.Requests);
    }

    [Theory]
    [InlineData(403, FetchStand.Query, "so query does not allow this file or not any more")]
    [InlineData(401, "sig=secret&se=2026-11-24T11:59:59Z", "and query has expired at 2026-11-24T11:59:59Z; put a new one into the twin")]
    [InlineData(403, "?se=2026-11-24&sig=secret", "and query has expired at 2026-11-24T00:00:00Z")]
    [InlineData(403, "se=secret", "so query does not allow this file")]
    [InlineData(403, "sse=2020-01-01&sig=secret", "so query does not allow this file")]
    [InlineData(403, null, "it wants a signature; give one in query in the twin")]
    public async Task A_query_that_has_expired_or_does_not_allow_it_waits(int status, string? query, string sentence)
    {
        stand.Server.Answer = FetchStand.Always($"HTTP/1.1 {status} No\nContent-Length: 0");
        await stand.WaitsAsync(sentence, stand.Target with { Query = query });
    }

    [Theory]
    [InlineData("http://{0}/x", "is no https address")]
    [InlineData("file:///etc/passwd", "is no https address")]
    [InlineData("https://me:secret@{0}/x", "has a user in it")]
    [InlineData("https://store.example/x", "is on a host that updates.hosts of the site file does not name")]
    [InlineData("https://localhost/x", "is on a host that updates.hosts of the site file does not name")]
    [InlineData("https://127.0.0.1:{1}/x", "is on a host that updates.hosts of the site file does not name")]
    public async Task An_address_that_may_not_be_asked_is_refused_without_asking(string format, string sentence)
    {
        await stand.RefusedAsync("address", sentence, stand.Target with { Url = new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, stand.Server.Host, stand.Server.Port)) });
        Assert.Empty(stand.Server.Requests);
    }

    [Fact]
    public async Task A_name_that_leads_to_this_device_waits_unless_it_is_listed()
    {
        await stand.RefusedAsync("address", "is no public address", stand.Target with { Url = new Uri($"https://127.0.0.1:{stand.Server.Port}/x") }, stand.Settings with { Hosts = null });
        await stand.WaitsAsync("which is no public address; name the host in updates.hosts of the site file", settings: stand.Settings with { Hosts = null });
        Assert.Empty(stand.Server.Requests);
        await stand.FetchedAsync(stand.Target with { Url = new Uri($"https://127.0.0.1:{stand.Server.Port}/x") }, stand.Settings with { Hosts = [$"127.0.0.1:{stand.Server.Port}"] });
    }

    [Fact]
    public Task A_server_that_is_not_there_waits() =>
        stand.WaitsAsync("localhost:1/x cannot be reached: Connection refused", stand.Target with { Url = new Uri("https://localhost:1/x") }, stand.Settings with { Hosts = ["localhost:1"] });

    [Fact]
    public Task A_name_that_nobody_has_waits() =>
        stand.WaitsAsync("store.invalid/x cannot be reached: ", stand.Target with { Url = new Uri("https://store.invalid/x") }, stand.Settings with { Hosts = ["store.invalid:443"] });

    [Fact]
    public async Task A_server_that_cannot_be_trusted_gets_no_request()
    {
        await stand.WaitsAsync("shows a certificate of another CA than the ones that we trust", settings: stand.Settings with { CaFile = null });
        await stand.WaitsAsync("cannot be trusted: ", settings: stand.Settings with { CaFile = Path.Combine(stand.Folder, "none.pem") });
        using var elsewhere = RawServer.NewCertificate("elsewhere");
        await File.WriteAllTextAsync(stand.CaFile, elsewhere.ExportCertificatePem(), Token);
        await stand.WaitsAsync("shows a certificate of another CA than the ones that we trust");
        await using var other = new RawServer(stand.Server.Answer, elsewhere);
        await stand.WaitsAsync("shows a certificate for another host name", stand.Target with { Url = new Uri($"https://{other.Host}/x") }, stand.Settings with { Hosts = [other.Host] });
        Assert.Empty(stand.Server.Requests.Concat(other.Requests));
    }
}
