using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Page;

/// <summary>A gateway that serves its page, a real broker that feeds it, and a client that takes the page's own certificate.</summary>
internal sealed class PageSite : IDisposable
{
    private readonly MosquittoBroker broker;

    private PageSite(MosquittoBroker broker, Action<JsonObject>? change)
    {
        this.broker = broker;
        Port = MosquittoBroker.FreePort();
        Site = new Site(broker.Port, settings =>
        {
            settings["operations"] = new JsonObject { ["page"] = Port };
            change?.Invoke(settings);
        });
        Gateway = Site.Run();
    }

    /// <summary>Port of the page.</summary>
    public int Port { get; }

    /// <summary>The gateway's folder and feed.</summary>
    public Site Site { get; }

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway { get; }

    /// <summary>The two tokens by role.</summary>
    public IReadOnlyDictionary<string, string> Tokens => TokensIn(Site.Data);

    /// <summary>The two tokens of a data folder by role.</summary>
    public static IReadOnlyDictionary<string, string> TokensIn(string data) => File.ReadLines(Path.Combine(data, "page", "tokens")).Select(line => line.Split(' ')).ToDictionary(line => line[0], line => line[1]);

    /// <summary>One that runs and has subscribed.</summary>
    public static async Task<PageSite> StartedAsync(Action<JsonObject>? change = null)
    {
        var site = new PageSite(await MosquittoBroker.StartedAsync(), change);
        await site.Gateway.SaysAsync("The operator page is served at https://");
        await site.Gateway.SaysAsync(Site.Connected);
        return site;
    }

    /// <summary>A client that is not logged in.</summary>
    public HttpClient Client() => Client(new CookieContainer());

    /// <summary>One that is.</summary>
    public Task<HttpClient> LoggedInAsync(string role) => LoggedInAsync(Client(), role);

    /// <summary>Logs a client in.</summary>
    public async Task<HttpClient> LoggedInAsync(HttpClient client, string role)
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(client, "/api/login", $$"""{"token":"{{Tokens[role]}}"}""")).Status);
        return client;
    }

    /// <summary>The cookie of a session that begins now, as a request carries it.</summary>
    public async Task<string> CookieAsync(string role)
    {
        var cookies = new CookieContainer();
        using var client = await LoggedInAsync(Client(cookies), role);
        return cookies.GetCookieHeader(new Uri($"https://127.0.0.1:{Port}/api/"));
    }

    /// <summary>A bare connection on which HTTP/1.1 is spoken.</summary>
    /// <param name="receiveBuffer">Bytes that the system takes for who does not read; null for what is usual.</param>
    public async Task<SslStream> ConnectAsync(int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "127.0.0.1" }, TestContext.Current.CancellationToken);
        return stream;
    }

    /// <summary>Posts as the page does.</summary>
    public static async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(HttpClient client, string path, string json, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-EdgeGateway", "1");
        return await SendAsync(client, request, headers);
    }

    /// <summary>Asks for something.</summary>
    public static async Task<(HttpStatusCode Status, JsonNode Body)> GetAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        return await SendAsync(client, request, headers);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Gateway.Dispose();
        Site.Dispose();
        broker.Dispose();
    }

    private HttpClient Client(CookieContainer cookies)
    {
        var handler = new HttpClientHandler { CheckCertificateRevocationList = true, ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator, CookieContainer = cookies };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{Port}") };
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpClient client, HttpRequestMessage request, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)) ?? new JsonObject());
    }
}
