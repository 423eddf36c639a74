using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EdgeGateway.Scenarios.Harness;

/// <summary>The network between a gateway and its broker, on a loopback port of its own: can be cut at any moment, and mends at the next connect.</summary>
internal sealed class Cable : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> ends = [];

    /// <param name="brokerPort">Where the cable leads to.</param>
    public Cable(int brokerPort)
    {
        listener.Start();
        _ = ConnectAsync(brokerPort);
    }

    /// <summary>Port on 127.0.0.1 that the gateway connects to.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Resets every connection: what is under way in either direction is lost.</summary>
    public void Cut()
    {
        while (ends.TryTake(out var end))
        {
            end.Client.LingerState = new LingerOption(enable: true, seconds: 0);
            end.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        listener.Dispose();
        Cut();
    }

    private async Task ConnectAsync(int brokerPort)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptTcpClientAsync();
                var far = new TcpClient();
                await far.ConnectAsync(IPAddress.Loopback, brokerPort);
                ends.Add(near);
                ends.Add(far);
                _ = CarryAsync(near, far);
                _ = CarryAsync(far, near);
            }
        }
        catch (SocketException)
        {
            // the cable was taken away
        }
    }

    private static async Task CarryAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException or InvalidOperationException)
        {
            // it was cut
        }
    }
}
