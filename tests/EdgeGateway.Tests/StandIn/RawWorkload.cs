using System.Net.Sockets;
using System.Text;
using Hubstand.Workload;

namespace EdgeGateway.Tests.StandIn;

/// <summary>Speaks to a workload API byte by byte.</summary>
internal static class RawWorkload
{
    /// <summary>Sends a request and reads until the answer is whole or the connection ends.</summary>
    public static async Task<string> SendAsync(WorkloadServer workload, string request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(workload.Path), TestContext.Current.CancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
