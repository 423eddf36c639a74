using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EdgeGateway.Soak.Harness;

/// <summary>What a network does to a connection.</summary>
internal enum NetworkFault
{
    /// <summary>Carries bytes.</summary>
    None,

    /// <summary>Carries them late.</summary>
    Delay,

    /// <summary>Takes bytes and connections and carries nothing on, without a word.</summary>
    BlackHole,

    /// <summary>Ends the direction to the server, once for each connection; the other one goes on.</summary>
    HalfClose,

    /// <summary>Resets every connection, also new ones.</summary>
    Cut,
}

/// <summary>The network between the module and a sink, on a loopback port of its own, with one fault at a time.</summary>
internal sealed class FaultProxy : IDisposable
{
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(300);
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, TcpClient> connections = new();
    private readonly CancellationTokenSource closed = new();
    private readonly int target;
    private volatile NetworkFault fault;
    private volatile TaskCompletionSource mended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="target">Port on 127.0.0.1 that it leads to.</param>
    public FaultProxy(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Port on 127.0.0.1 that the module connects to.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>From now on this happens, to the connections that there are as well.</summary>
    public void Befall(NetworkFault next)
    {
        fault = next;
        if (next == NetworkFault.BlackHole)
        {
            mended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return;
        }

        mended.TrySetResult();
        foreach (var (near, far) in connections)
        {
            if (next == NetworkFault.Cut)
            {
                Reset(near, far);
            }
            else if (next == NetworkFault.HalfClose)
            {
                Try(() => far.Client.Shutdown(SocketShutdown.Send));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Befall(NetworkFault.Cut);
        closed.Cancel();
        listener.Dispose();
        closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptTcpClientAsync(closed.Token);
                _ = ServeAsync(near);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the proxy was taken away
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        var far = new TcpClient();
        connections[near] = far;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, target);
            if (fault == NetworkFault.Cut)
            {
                Reset(near, far);
            }

            await Task.WhenAll(CarryAsync(near, far), CarryAsync(far, near));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // an end is gone: so goes the other
        }

        Reset(near, far);
    }

    private async Task CarryAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 << 10];
        while (await from.GetStream().ReadAsync(buffer) is var count and > 0)
        {
            if (fault == NetworkFault.BlackHole)
            {
                await mended.Task;
            }

            if (fault == NetworkFault.Delay)
            {
                await Task.Delay(Late, TimeProvider.System);
            }

            await to.GetStream().WriteAsync(buffer.AsMemory(0, count));
        }

        to.Client.Shutdown(SocketShutdown.Send);
    }

    private void Reset(TcpClient near, TcpClient far)
    {
        connections.TryRemove(near, out _);
        foreach (var end in (TcpClient[])[near, far])
        {
            Try(() => end.Client.LingerState = new LingerOption(enable: true, seconds: 0));
            end.Dispose();
        }
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException or NullReferenceException)
        {
            // that end is closed already
        }
    }
}
