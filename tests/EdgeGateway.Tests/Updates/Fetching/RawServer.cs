using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>A request that came in.</summary>
/// <param name="Target">Path and query.</param>
/// <param name="Headers">By name in lower case.</param>
internal sealed record RawRequest(string Target, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The first byte that is asked for.</summary>
    public int From => Headers.TryGetValue("range", out var range) ? int.Parse(range.Split('=', '-')[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
}

/// <summary>An HTTPS server on loopback that has no idea of HTTP: a test writes every byte of its answers, and the connection ends with the answer.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    /// <summary>One certificate for localhost and 127.0.0.1, its own CA.</summary>
    public static readonly X509Certificate2 Certificate = NewCertificate("localhost");

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly X509Certificate2 certificate;
    private readonly Task accepting;

    public RawServer(Func<RawRequest, Stream, Task> answer, X509Certificate2? certificate = null)
    {
        (Answer, this.certificate) = (answer, certificate ?? Certificate);
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Writes the answer to a request.</summary>
    public Func<RawRequest, Stream, Task> Answer { get; set; }

    /// <summary>Every request that came.</summary>
    public ConcurrentQueue<RawRequest> Requests { get; } = new();

    /// <summary>host:port.</summary>
    public string Host => $"localhost:{Port}";

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Cancelled when the server ends: what an answer may wait for.</summary>
    public CancellationToken Stopped => stopped.Token;

    public static X509Certificate2 NewCertificate(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }

    /// <summary>Head and body of an answer, as they are.</summary>
    public static async Task WriteAsync(Stream stream, string head, ReadOnlyMemory<byte> body = default)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.ReplaceLineEndings("\r\n") + "\r\n\r\n"));
        await stream.WriteAsync(body);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        listener.Dispose();
        await accepting;
        stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(stopped.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await using var stream = new SslStream(client.GetStream());
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stopped.Token);
                if (await ReadAsync(stream) is { } request)
                {
                    Requests.Enqueue(request);
                    await Answer(request, stream);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
            // the client went away
        }
    }

    private async Task<RawRequest?> ReadAsync(SslStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stopped.Token) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new RawRequest(lines[0].Split(' ')[1], lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(h => h[0].ToLowerInvariant(), h => h[1]));
    }
}
