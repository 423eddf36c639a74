using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeGateway.Scenarios.Harness;

/// <summary>A CA of its own with a server certificate for localhost and a client certificate, as PEM files.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-certificates-");
    private readonly X509Certificate2 ca;
    private readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();

    public Certificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=EdgeGateway test CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        ca = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        Ca = Write("ca.pem", ca.ExportCertificatePem());
        (Server, ServerKey) = Sign("localhost", 1);
        (Client, ClientKey) = Sign("gateway", 2);
    }

    public string Ca { get; }

    public string Server { get; }

    public string ServerKey { get; }

    public string Client { get; }

    public string ClientKey { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        ca.Dispose();
        folder.Delete(recursive: true);
    }

    private (string Certificate, string Key) Sign(string name, byte serial)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(ca, now.AddDays(-1), now.AddHours(12), [serial]);
        return (Write($"{name}.pem", signed.ExportCertificatePem()), Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
