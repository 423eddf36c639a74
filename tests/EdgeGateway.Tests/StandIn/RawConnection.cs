using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hubstand;

namespace EdgeGateway.Tests.StandIn;

/// <summary>A TLS connection that a test writes bytes to.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient tcp = new();
    private SslStream? stream;

    public static async Task<RawConnection> OpenAsync(HubStand stand)
    {
        var raw = new RawConnection();
        await raw.tcp.ConnectAsync("127.0.0.1", stand.MqttPort, TestContext.Current.CancellationToken);
        raw.stream = new SslStream(raw.tcp.GetStream(), leaveInnerStreamOpen: false);
        using var ca = X509CertificateLoader.LoadCertificate(Encoding.ASCII.GetBytes(stand.CaPem));
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(ca);
        await raw.stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = trust }, TestContext.Current.CancellationToken);
        return raw;
    }

    public Task SendAsync(byte[] bytes) => stream!.WriteAsync(bytes, TestContext.Current.CancellationToken).AsTask();

    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        await stream!.CopyToAsync(all, TestContext.Current.CancellationToken);
        return all.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream?.Dispose();
        tcp.Dispose();
    }
}
