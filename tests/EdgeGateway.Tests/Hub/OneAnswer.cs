using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeGateway.Tests.Hub;

/// <summary>Answers each connection with the same bytes and closes it; with none it stays silent.</summary>
internal sealed class OneAnswer : IAsyncDisposable
{
    private readonly Socket listener;
    private readonly Task serving;

    private OneAnswer(Socket listener, EndPoint at, string answer)
    {
        this.listener = listener;
        listener.Bind(at);
        listener.Listen();
        Address = listener.LocalEndPoint is IPEndPoint ip ? new Uri($"http://{ip}") : new Uri($"unix://{at}");
        serving = ServeAsync(answer);
    }

    public Uri Address { get; }

    /// <summary>What came first over each connection.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static OneAnswer OnSocket(string folder, string answer) =>
        new(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(Path.Combine(folder, "w.sock")), answer);

    public static OneAnswer OnPort(string answer) => new(new Socket(SocketType.Stream, ProtocolType.Tcp), new IPEndPoint(IPAddress.Loopback, 0), answer);

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await serving;
    }

    private async Task ServeAsync(string answer)
    {
        var silent = new List<Socket>();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync();
                if (answer.Length == 0)
                {
                    silent.Add(socket);
                    continue;
                }

                Requests.Enqueue(await RequestAsync(socket));
                await socket.SendAsync(Encoding.ASCII.GetBytes(answer));
                socket.Shutdown(SocketShutdown.Both);
                socket.Dispose();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            silent.ForEach(s => s.Dispose());
        }
    }

    /// <summary>A whole request: up to an empty line, and a JSON body where there is one.</summary>
    private static async Task<string> RequestAsync(Socket socket)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (await socket.ReceiveAsync(buffer) is > 0 and var read)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            if (text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && (text[0] != 'P' || text[^1] == '}'))
            {
                break;
            }
        }

        return text.ToString();
    }
}
