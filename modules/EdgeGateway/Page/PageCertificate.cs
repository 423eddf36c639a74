using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeGateway.Hub;
using EdgeGateway.Storage;
using Microsoft.Extensions.Logging;

namespace EdgeGateway.Page;

/// <summary>
/// What the page proves itself with: a server certificate of the IoT Edge runtime where there is one, renewed when two thirds of its time are over; else one that it signed itself at its first start, or once the one before has expired,
/// kept with its key in <c>page/certificate.pem</c> of the data folder, readable by its owner alone.
/// </summary>
/// <param name="release">Of this version: the clock is unset while it is earlier.</param>
internal sealed class PageCertificate(string data, HubEnvironment? environment, TimeProvider clock, DateTimeOffset release, ILogger logger) : IDisposable
{
    private const int LargestFile = 64 * 1024;
    private static readonly TimeSpan OwnLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan AskedLife = TimeSpan.FromDays(90);
    private readonly SemaphoreSlim changing = new(1, 1);
    private volatile SslStreamCertificateContext? current;
    private DateTimeOffset renewAt;

    /// <summary>The one to show now with those between it and the root.</summary>
    public SslStreamCertificateContext Current => current ?? throw new InvalidOperationException($"{nameof(RenewAsync)} makes the first one.");

    /// <summary>Makes the first one, and another one when it is time for that. The runtime may take twenty seconds to answer, so no handshake waits for it.</summary>
    /// <exception cref="IOException">The own one can be neither read nor written.</exception>
    public async Task RenewAsync(CancellationToken token)
    {
        await changing.WaitAsync(token);
        try
        {
            if (current is null || clock.GetUtcNow() >= renewAt)
            {
                current = await FromRuntimeAsync(token) ?? current ?? Context(Own(), []);
            }
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>The SHA-256 of the own certificate of a data folder, as browsers show it; null when there is none.</summary>
    public static string? FingerprintOf(string data)
    {
        if (DurableFile.Read(PathIn(data), LargestFile) is not { } pem)
        {
            return null;
        }

        using var own = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
        return string.Join(':', own.GetCertHash(HashAlgorithmName.SHA256).Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <inheritdoc/>
    public void Dispose() => changing.Dispose();

    private static SslStreamCertificateContext Context(X509Certificate2 certificate, X509Certificate2Collection chain) => SslStreamCertificateContext.Create(certificate, chain, offline: true);

    private async Task<SslStreamCertificateContext?> FromRuntimeAsync(CancellationToken token)
    {
        if (environment is not { Credential: HubCredential.Workload runtime, Identity.Module: { } module })
        {
            renewAt = DateTimeOffset.MaxValue;
            return null;
        }

        var now = clock.GetUtcNow();
        try
        {
            using var workload = new WorkloadApi(runtime.Address, module, runtime.Generation, clock);
            var made = await workload.ServerCertificateAsync(environment.Host, now + AskedLife, token);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(made.Chain);
            renewAt = now + ((made.Expiry - now) * (2 / 3.0));
            return Context(X509Certificate2.CreateFromPem(made.Chain, made.Key), chain);
        }
        catch (Exception e) when (e is WorkloadException or CryptographicException)
        {
            renewAt = now + TimeSpan.FromHours(1);
            logger.NoCertificate(e.Message);
            return null;
        }
    }

    private X509Certificate2 Own()
    {
        var now = clock.GetUtcNow() is var set && set > release ? set : release;
        if (DurableFile.Read(PathIn(data), LargestFile) is { } kept)
        {
            try
            {
                var pem = Encoding.ASCII.GetString(kept);
                var own = X509Certificate2.CreateFromPem(pem, pem);
                if (own.NotAfter.ToUniversalTime() > now)
                {
                    return own;
                }

                own.Dispose();
            }
            catch (CryptographicException e)
            {
                throw new StorageException(StorageFault.Damaged, PathIn(data), "it is no certificate with its key; delete it, and another one is made", e);
            }
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Environment.MachineName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Environment.MachineName);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));

        // from long before now on: a gateway without battery clock may begin in 1970
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, now + OwnLife);
        var text = $"{made.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
        Directory.CreateDirectory(Path.Combine(data, PageTokens.FolderName));
        DurableFile.Replace(PathIn(data), Encoding.ASCII.GetBytes(text));
        return X509Certificate2.CreateFromPem(text, text);
    }

    private static string PathIn(string data) => Path.Combine(data, PageTokens.FolderName, "certificate.pem");
}
