using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Hubstand.Identities;

/// <summary>
/// The stand-in's own certificate authority, kept in the data folder so that a restart keeps its clients' trust. Validity is taken from the machine's clock, whatever clock
/// the hub runs on: TLS peers look at the machine's.
/// </summary>
internal sealed class Authority : IDisposable
{
    private readonly X509Certificate2 certificate;
    private readonly DateTimeOffset from = TimeProvider.System.GetUtcNow().AddDays(-1);

    /// <param name="folder">Data folder; <c>ca.pem</c> and <c>ca.key</c> are read there, or made.</param>
    public Authority(string folder)
    {
        File = Path.Combine(folder, "ca.pem");
        var keyFile = Path.Combine(folder, "ca.key");
        if (!System.IO.File.Exists(File) || !System.IO.File.Exists(keyFile))
        {
            using var made = Make(out var key);
            AtomicFile.Replace(keyFile, System.Text.Encoding.ASCII.GetBytes(key));
            AtomicFile.Replace(File, System.Text.Encoding.ASCII.GetBytes(made.ExportCertificatePem()));
        }

        certificate = X509Certificate2.CreateFromPemFile(File, keyFile);
        Pem = certificate.ExportCertificatePem();
    }

    /// <summary>Path of the CA certificate.</summary>
    public string File { get; }

    /// <summary>The CA certificate: the trust bundle.</summary>
    public string Pem { get; }

    /// <summary>Whether a certificate was signed here.</summary>
    public bool Signed(X509Certificate2 other)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(other);
    }

    /// <summary>A server certificate for these DNS names; the key is RSA 2048, as the runtime's.</summary>
    public IssuedCertificate IssueServer(string commonName, params IEnumerable<string> names) => Issue(commonName, names, "1.3.6.1.5.5.7.3.1");

    /// <summary>A client certificate; the key is RSA 2048.</summary>
    public IssuedCertificate IssueClient(string commonName) => Issue(commonName, [], "1.3.6.1.5.5.7.3.2");

    /// <inheritdoc/>
    public void Dispose() => certificate.Dispose();

    private IssuedCertificate Issue(string commonName, IEnumerable<string> names, string usage)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(Name(commonName), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            alternatives.AddDnsName(name);
        }

        if (names.Any())
        {
            alternatives.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(alternatives.Build());
        }

        using var ca = certificate.GetECDsaPrivateKey()!;
        using var issued = request.Create(certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(ca), from, from.AddYears(1), RandomNumberGenerator.GetBytes(16));
        return new IssuedCertificate(issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), issued.NotAfter.ToUniversalTime());
    }

    private X509Certificate2 Make(out string keyPem)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name("hubstand CA"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        keyPem = key.ExportPkcs8PrivateKeyPem();
        return request.CreateSelfSigned(from, from.AddYears(2));
    }

    private static X500DistinguishedName Name(string commonName)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(commonName);
        return name.Build();
    }
}

/// <summary>A certificate with its private key, both PEM.</summary>
internal sealed record IssuedCertificate(string Certificate, string PrivateKey, DateTime Expiration);
