using System.Security.Cryptography.X509Certificates;
using EdgeGateway.Hub;
using EdgeGateway.Tests.Storage;
using Hubstand;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Hub;

/// <summary>The client of the workload API against the stand-in's, and against a socket that misbehaves.</summary>
public sealed class WorkloadApiTests : IAsyncLifetime
{
    private const string Module = "edgeGateway";
    private readonly TempFolder folder = new();
    private HubStand stand = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => stand = await HubStand.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await stand.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task It_signs_as_the_modules_key_does()
    {
        using var api = Client();
        var data = "a\n1"u8.ToArray();
        var own = await SasToken.With(Convert.FromBase64String(stand.Register(stand.NameOf(Module)).PrimaryKey))(data, Token);
        Assert.Equal(own, await api.SignAsync(data, Token));
    }

    [Fact]
    public async Task What_it_encrypts_it_decrypts_and_only_with_the_same_initialization_vector()
    {
        using var api = Client();
        var (plain, iv) = ("not a secret"u8.ToArray(), new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 });
        var sealedBytes = await api.EncryptAsync(plain, iv, Token);
        Assert.NotEqual(plain, sealedBytes);
        Assert.Equal(plain, await api.DecryptAsync(sealedBytes, iv, Token));
        await Assert.ThrowsAsync<WorkloadException>(() => api.DecryptAsync(sealedBytes, new byte[12], Token));
    }

    [Fact]
    public async Task It_gives_the_trust_bundle_and_a_server_certificate_under_it()
    {
        using var api = Client();
        Assert.Equal(stand.CaPem.Trim(), (await api.TrustBundleAsync(Token)).Trim());
        var made = await api.ServerCertificateAsync("gateway-7", TimeProvider.System.GetUtcNow().AddDays(30), Token);
        using var certificate = X509Certificate2.CreateFromPem(made.Chain, made.Key);
        Assert.True(certificate.HasPrivateKey && certificate.MatchesHostname("gateway-7") && certificate.MatchesHostname(Module));
        Assert.DoesNotContain("PRIVATE", made.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_may_come_a_byte_at_a_time()
    {
        stand.Workload(Module).Faults.Trickle = true;
        using var api = Client();
        Assert.Equal(stand.CaPem.Trim(), (await api.TrustBundleAsync(Token)).Trim());
    }

    [Fact]
    public async Task Fifty_calls_at_a_time_are_all_answered_though_the_daemon_takes_ten()
    {
        using var api = Client();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => api.SignAsync("x"u8.ToArray(), Token)));
        Assert.Single(answers.Distinct());
    }

    [Theory]
    [InlineData(403, "does not take this process for module edgeGateway")]
    [InlineData(404, "answered 404: A switch of hubstand says so.")]
    [InlineData(500, "answered 500: A switch of hubstand says so.")]
    public async Task A_refusal_is_one_sentence_of_its_own(int status, string sentence)
    {
        stand.Workload(Module).Faults.Status = status;
        using var api = Client();
        AssertFault(await Assert.ThrowsAsync<WorkloadException>(() => api.SignAsync("x"u8.ToArray(), Token)), WorkloadFault.Failed, sentence);
    }

    [Fact]
    public async Task A_socket_that_is_not_there_and_one_that_is_stale_are_unreachable()
    {
        using var api = Client();
        stand.Workload(Module).LeaveStale();
        AssertFault(await Assert.ThrowsAsync<WorkloadException>(() => api.TrustBundleAsync(Token)), WorkloadFault.Unreachable, "its socket is stale here");
        stand.Workload(Module).Stop();
        AssertFault(await Assert.ThrowsAsync<WorkloadException>(() => api.TrustBundleAsync(Token)), WorkloadFault.Unreachable, "does not exist");
        stand.Workload(Module).Start();
        Assert.NotEmpty(await api.TrustBundleAsync(Token));
    }

    [Fact]
    public async Task A_slow_socket_is_given_up_after_twenty_seconds()
    {
        var clock = new FakeTimeProvider(Any.Noon);
        await using var server = OneAnswer.OnSocket(folder.Path, "");
        using var api = new WorkloadApi(server.Address, Module, "1", clock);
        var call = api.TrustBundleAsync(Token);
        await Until.HoldsAsync(() => call.IsCompleted, () => "the call ends", () => clock.Advance(TimeSpan.FromSeconds(5)));
        AssertFault(await Assert.ThrowsAsync<WorkloadException>(() => call), WorkloadFault.Failed, "not answered for 20 seconds");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "cannot be read")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"certif", "without a usable answer")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 20000000\r\n\r\n{", "without a usable answer")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull", "cannot be read")]
    [InlineData("HTTP/1.1 500 No\r\ncontent-length: 6\r\n\r\n<html>", "answered 500.")]
    [InlineData("garbage\r\n\r\n", "without a usable answer")]
    public async Task An_answer_that_is_none_is_one_sentence(string answer, string sentence)
    {
        await using var server = OneAnswer.OnSocket(folder.Path, answer);
        using var api = new WorkloadApi(server.Address, Module, "1", TimeProvider.System);
        AssertFault(await Assert.ThrowsAsync<WorkloadException>(() => api.TrustBundleAsync(Token)), WorkloadFault.Failed, sentence);
    }

    [Fact]
    public async Task An_answer_in_chunks_is_read()
    {
        await using var server = OneAnswer.OnSocket(folder.Path, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n14\r\n{\"certificate\":\"x\"} \r\n0\r\n\r\n");
        using var api = new WorkloadApi(server.Address, Module, "1", TimeProvider.System);
        Assert.Equal("x", await api.TrustBundleAsync(Token));
    }

    [Fact]
    public async Task A_request_has_the_ids_escaped_in_its_path_and_all_that_older_daemons_ask_for_in_its_body()
    {
        await using var server = OneAnswer.OnSocket(folder.Path, "HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"digest\":\"YQ==\"}");
        using var api = new WorkloadApi(server.Address, "edge:gw", "63/8 9?", TimeProvider.System);
        Assert.Equal("YQ==", await api.SignAsync("a\n1"u8.ToArray(), Token));
        var request = Assert.Single(server.Requests);
        Assert.StartsWith("POST /modules/edge%3Agw/genid/63%2F8%209%3F/sign?api-version=2018-06-28 HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("""{"keyId":"primary","algo":"HMACSHA256","data":"YQox"}""", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_may_be_at_an_http_address()
    {
        await using var server = OneAnswer.OnPort("HTTP/1.1 200 OK\r\ncontent-length: 19\r\n\r\n{\"certificate\":\"x\"}");
        using var api = new WorkloadApi(server.Address, Module, "1", TimeProvider.System);
        Assert.Equal("http", server.Address.Scheme);
        Assert.Equal("x", await api.TrustBundleAsync(Token));
        Assert.StartsWith("GET /trust-bundle?api-version=2018-06-28 HTTP/1.1\r\n", Assert.Single(server.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_an_http_address_where_nobody_listens_it_is_unreachable()
    {
        var server = OneAnswer.OnPort("");
        await server.DisposeAsync();
        using var api = new WorkloadApi(server.Address, Module, "1", TimeProvider.System);
        AssertFault(await Assert.ThrowsAsync<WorkloadException>(() => api.TrustBundleAsync(Token)), WorkloadFault.Unreachable, "Nobody listens");
    }

    private WorkloadApi Client() =>
        new(new Uri(stand.Workload(Module).Uri), Module, stand.Register(stand.NameOf(Module)).GenerationId, TimeProvider.System);

    private static void AssertFault(WorkloadException failed, WorkloadFault fault, string sentence)
    {
        Assert.Equal(fault, failed.Fault);
        Assert.Contains(sentence, failed.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", failed.Message, StringComparison.Ordinal);
    }
}
