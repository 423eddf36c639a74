using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using EdgeGateway.Scenarios.Harness;

namespace EdgeGateway.Scenarios.Page;

/// <summary>Readers who take nothing and connections that say nothing: who has a token sees the page all the same.</summary>
public class PageFloodTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_who_never_read_hold_every_stream_and_who_comes_gets_one_at_once()
    {
        using var site = await PageSite.StartedAsync();
        using var view = await site.LoggedInAsync("view");
        var cookie = await site.CookieAsync("view");
        List<SslStream> silent = [];
        for (var i = 0; i < 16; i++)
        {
            silent.Add(await site.ConnectAsync(receiveBuffer: 4096));
            await silent[^1].WriteAsync(Encoding.ASCII.GetBytes($"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{site.Port}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"), Token);
        }

        for (var i = 0; i < 10; i++)
        {
            using var answer = await view.GetAsync(new Uri("/api/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Token));
            Assert.Equal("event: overview", await reader.ReadLineAsync(Token));
        }

        // the oldest had to go: what it did not read is there, and then its end
        using var first = new StreamReader(silent[0]);
        Assert.Contains("event: overview", await first.ReadToEndAsync(Token), StringComparison.Ordinal);
        silent.ForEach(s => s.Dispose());
        Assert.Equal(0, await site.Gateway.StopAsync());
    }

    [Fact]
    public async Task A_browser_that_lost_its_network_is_let_go_by_itself_though_nothing_was_closed()
    {
        using var site = await PageSite.StartedAsync();
        using var radio = new Radio(site.Port);
        using var handler = new SocketsHttpHandler { UseCookies = false, SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } };
        using var phone = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{radio.Port}"), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        phone.DefaultRequestHeaders.Host = $"127.0.0.1:{site.Port}";
        phone.DefaultRequestHeaders.Add("Cookie", await site.CookieAsync("view"));
        using var answer = await phone.GetAsync(new Uri("/api/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Token));
        Assert.Equal("event: overview", await reader.ReadLineAsync(Token));
        radio.Lose();
        await radio.Ended.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Token);
        Assert.Equal(0, await site.Gateway.StopAsync());
    }

    [Fact]
    public async Task One_address_cannot_take_all_connections_and_those_that_say_nothing_end_within_seconds()
    {
        using var site = await PageSite.StartedAsync();
        List<TcpClient> idle = [];
        for (var i = 0; i < 128; i++)
        {
            idle.Add(new TcpClient());
            await idle[^1].ConnectAsync(IPAddress.Loopback, site.Port, Token);
        }

        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null }, ConnectCallback = FromAnotherAddressAsync };
        using var other = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{site.Port}") };
        await site.LoggedInAsync(other, "view");
        Assert.Equal(HttpStatusCode.OK, (await PageSite.GetAsync(other, "/api/overview")).Status);
        using var same = site.Client();
        await Assert.ThrowsAsync<HttpRequestException>(() => site.LoggedInAsync(same, "view"));
        await Eventually.HoldsAsync(() => IsServed(same), "the connections that said nothing have ended");
        idle.ForEach(c => c.Dispose());
        Assert.Equal(0, await site.Gateway.StopAsync());
    }

    private static async ValueTask<Stream> FromAnotherAddressAsync(SocketsHttpConnectionContext context, CancellationToken token)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, token);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static bool IsServed(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/", UriKind.Relative));
        try
        {
            using var answer = client.Send(request, Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    /// <summary>The way of one connection to the gateway, which can be lost: nothing passes any more, and nobody is told.</summary>
    private sealed class Radio : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource lost = new();

        public Radio(int port)
        {
            listener.Start();
            Ended = CarryAsync(port);
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        /// <summary>The gateway has closed its end.</summary>
        public Task Ended { get; }

        public void Lose() => lost.Cancel();

        public void Dispose()
        {
            listener.Dispose();
            lost.Dispose();
        }

        private async Task CarryAsync(int port)
        {
            using var near = await listener.AcceptTcpClientAsync(lost.Token);
            using var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, port, lost.Token);
            try
            {
                await Task.WhenAll(near.GetStream().CopyToAsync(far.GetStream(), lost.Token), far.GetStream().CopyToAsync(near.GetStream(), lost.Token));
            }
            catch (OperationCanceledException)
            {
                // what still comes is heard by nobody
            }

            try
            {
                await far.GetStream().CopyToAsync(Stream.Null, Token);
            }
            catch (IOException)
            {
                // it was reset
            }
        }
    }
}
