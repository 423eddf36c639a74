using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeGateway.Tests.Hub;

/// <summary>Speaks TLS with a certificate, answers what comes first with some text, and ends the connection.</summary>
internal sealed class TlsServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 certificate;

    public TlsServer(X509Certificate2 ownedCertificate, string answer)
    {
        certificate = ownedCertificate;
        listener.Start();
        _ = ServeAsync(answer);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose()
    {
        listener.Dispose();
        certificate.Dispose();
    }

    private async Task ServeAsync(string answer)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                using var tls = new SslStream(client.GetStream());
                await Record.ExceptionAsync(async () =>
                {
                    await tls.AuthenticateAsServerAsync(certificate);
                    await tls.ReadAtLeastAsync(new byte[4096], 1);
                    await tls.WriteAsync(Encoding.ASCII.GetBytes(answer));
                });
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // it was taken away
        }
    }
}

/// <summary>A server from before TLS 1.2: chooses TLS 1.1 whatever is offered. By hand, because no system of today would play it.</summary>
internal sealed class OldTlsServer : IDisposable
{
    private const int SupportedVersions = 43;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public OldTlsServer()
    {
        listener.Start();
        Met = MeetAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The versions that the first client offered; and what it said to TLS 1.1: type of the record, then its bytes.</summary>
    public Task<(int[] Offered, byte[] Reply)> Met { get; }

    public void Dispose() => listener.Dispose();

    private async Task<(int[] Offered, byte[] Reply)> MeetAsync()
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var (_, hello) = await ReadRecordAsync(stream);

        // version 1.1, a random number, no session, a suite, no compression
        byte[] chosen = [3, 2, .. new byte[32], 0, .. Suite(hello), 0];
        await stream.WriteAsync((byte[])[22, 3, 2, 0, (byte)(chosen.Length + 4), 2, 0, 0, (byte)chosen.Length, .. chosen]);
        var (type, reply) = await ReadRecordAsync(stream);
        return (Versions(hello), [type, .. reply]);
    }

    private static async Task<(byte Type, byte[] Body)> ReadRecordAsync(NetworkStream stream)
    {
        var head = new byte[5];
        await stream.ReadExactlyAsync(head);
        var body = new byte[(head[3] << 8) | head[4]];
        await stream.ReadExactlyAsync(body);
        return (head[0], body);
    }

    /// <summary>The first that is offered and not of TLS 1.3.</summary>
    private static byte[] Suite(byte[] hello)
    {
        var at = BehindSession(hello) + 2;
        while (hello[at] == 0x13)
        {
            at += 2;
        }

        return hello[at..(at + 2)];
    }

    /// <summary>Type and length of the message, version, random number and session come before the cipher suites.</summary>
    private static int BehindSession(byte[] hello) => 4 + 2 + 32 + 1 + hello[4 + 2 + 32];

    /// <summary>Those of the extension, which say more than the field of old.</summary>
    private static int[] Versions(byte[] hello)
    {
        // cipher suites, compression, extensions, each with its length
        var at = BehindSession(hello);
        at += 2 + Two(hello, at);
        at += 1 + hello[at];
        for (at += 2; at < hello.Length; at += 4 + Two(hello, at + 2))
        {
            if (Two(hello, at) == SupportedVersions)
            {
                return [.. Enumerable.Range(0, hello[at + 4] / 2).Select(i => Two(hello, at + 5 + (2 * i)))];
            }
        }

        return [Two(hello, 4)];
    }

    private static int Two(byte[] bytes, int at) => (bytes[at] << 8) | bytes[at + 1];
}
