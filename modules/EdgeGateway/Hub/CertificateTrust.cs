using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGateway.Settings;

namespace EdgeGateway.Hub;

/// <summary>Judges the certificate of a server by a few certificates of our own choice, never by the machine's stores. Revocation is not asked for: such CAs are private.</summary>
internal static class CertificateTrust
{
    /// <summary>The certificates of a PEM file that settings name.</summary>
    /// <exception cref="IOException">It cannot be read, or has no certificate; the message names it.</exception>
    public static X509Certificate2Collection ReadFile(string path) => Read(BoundedFile.ReadText(path), $"The CA file {path}");

    /// <summary>The certificates of a PEM text.</summary>
    /// <param name="source">Where it comes from, as the beginning of a sentence.</param>
    /// <exception cref="IOException">It has none, or one that cannot be read.</exception>
    public static X509Certificate2Collection Read(string pem, string source)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{source} has a certificate that cannot be read.", e);
        }

        return certificates.Count > 0 ? certificates : throw new IOException($"{source} has no certificate.");
    }

    /// <summary>Why the server cannot be trusted, as the end of a sentence; null when it can.</summary>
    /// <param name="sent">What the server sent besides.</param>
    /// <param name="errors">What .NET found; the chain among them is judged anew.</param>
    /// <param name="trusted">All of them are roots; null for what the system trusts.</param>
    public static string? Problem(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors, X509Certificate2Collection? trusted)
    {
        if (certificate is not X509Certificate2 server || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "shows no certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return "shows a certificate for another host name";
        }

        if (trusted is null)
        {
            return errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? Reason(sent?.ChainStatus ?? []) : null;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(server) ? null : Reason(chain.ChainStatus);
    }

    private static string Reason(X509ChainStatus[] status) =>
        status.Any(s => s.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)) ? "shows a certificate that is not valid at this time: it has expired or is not valid yet, or our clock is wrong"
        : status.Any(s => s.Status is X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot) ? "shows a certificate of another CA than the ones that we trust"
        : $"shows a certificate that cannot be trusted ({string.Join(", ", status.Select(s => s.Status))})";
}
