using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>Fetching through an HTTP proxy.</summary>
public sealed class FetchProxyTests : IAsyncLifetime
{
    private readonly FetchStand stand = new(FetchStand.Bytes(200_000));
    private readonly TcpListener proxy = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> asked = new();
    private string answer = "HTTP/1.1 200 Connection established";
    private Task serving = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        proxy.Start();
        serving = ServeAsync();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        proxy.Dispose();
        await serving;
        await stand.DisposeAsync();
    }

    [Fact]
    public async Task A_file_comes_through_the_proxy_which_sees_the_name_of_the_server_alone()
    {
        // the name is the proxy's to look up: nothing here resolves it
        var target = stand.Target with { Url = new Uri($"https://store.invalid:{stand.Server.Port}/store/blob.age") };
        await stand.WaitsAsync("shows a certificate for another host name", target, Settings with { Hosts = [$"store.invalid:{stand.Server.Port}"] });
        await stand.FetchedAsync(settings: Settings);
        Assert.Equal([$"CONNECT store.invalid:{stand.Server.Port} HTTP/1.1", $"CONNECT {stand.Server.Host} HTTP/1.1"], asked.Select(head => head.Split("\r\n")[0]));
        Assert.DoesNotContain(asked, head => head.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("HTTP/1.1 407 secret")]
    [InlineData("HTTP/1.1 502 secret")]
    public async Task A_proxy_that_refuses_is_said(string refusal)
    {
        answer = refusal + "\r\nContent-Length: 0";
        await stand.WaitsAsync("cannot be reached through the proxy, which refuses it; check the proxy's rules", settings: Settings);
        Assert.Empty(stand.Server.Requests);
    }

    [Fact]
    public Task A_proxy_that_is_not_there_is_said() =>
        stand.WaitsAsync("cannot be reached through the proxy: Connection refused", settings: Settings with { Proxy = new Uri("http://127.0.0.1:1") });

    private UpdateSettings Settings => stand.Settings with { Proxy = new Uri($"http://127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}") };

    private async Task ServeAsync()
    {
        var tunnels = new List<Task>();
        try
        {
            while (true)
            {
                tunnels.Add(TunnelAsync(await proxy.AcceptTcpClientAsync()));
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            await Task.WhenAll(tunnels);
        }
    }

    /// <summary>Whatever server is named, it is ours.</summary>
    private async Task TunnelAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            var (down, head, one) = (client.GetStream(), new StringBuilder(), new byte[1]);
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await down.ReadAsync(one) > 0)
            {
                head.Append((char)one[0]);
            }

            asked.Enqueue(head.ToString());
            await down.WriteAsync(Encoding.ASCII.GetBytes(answer + "\r\n\r\n"));
            await server.ConnectAsync(IPAddress.Loopback, stand.Server.Port);
            var up = server.GetStream();
            try
            {
                await Task.WhenAny(down.CopyToAsync(up), up.CopyToAsync(down));
            }
            catch (IOException)
            {
                // one of the two went away
            }
        }
    }
}
