using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGateway.Settings;

namespace EdgeGateway.Hub;

/// <summary>What one connection signs in with.</summary>
/// <param name="Token">Null with a client certificate.</param>
/// <param name="Trusted">The only roots; null for what the system trusts.</param>
internal sealed record HubTicket(SasToken? Token, X509Certificate2Collection? Trusted, X509Certificate2? ClientCertificate);

/// <summary>Where the hub is and how this process signs in to it. Tokens and the trust bundle are in memory only; files are read at every connect.</summary>
internal sealed class HubAccess : IDisposable
{
    /// <summary>About two minutes of the back-off of a connection.</summary>
    private const int MostUnreachable = 8;
    private readonly HubEnvironment environment;
    private readonly HubSettings settings;
    private readonly TimeProvider clock;
    private readonly WorkloadApi? workload;
    private X509Certificate2Collection? bundle;
    private int unreachable;

    /// <param name="settings">The section <c>hub</c>.</param>
    /// <exception cref="FormatException">The two do not fit: one sentence.</exception>
    public HubAccess(HubEnvironment environment, HubSettings settings, TimeProvider clock)
    {
        (this.environment, this.settings, this.clock) = (environment, settings, clock);
        if (environment.Credential is HubCredential.Certificate && settings.CertFile is null)
        {
            throw new FormatException("The connection string says x509=true, and the settings name no certificate; set hub.certFile and hub.keyFile.");
        }

        if (environment.Credential is HubCredential.Workload runtime)
        {
            workload = new WorkloadApi(runtime.Address, environment.Identity.Module!, runtime.Generation, clock);
        }
    }

    /// <summary>Who we are to the hub.</summary>
    public HubIdentity Identity => environment.Identity;

    /// <summary>Where to connect, and the name that the server's certificate must have.</summary>
    public string Host => environment.Host;

    /// <summary>What MQTT goes over.</summary>
    public HubTransport Transport => settings.Transport;

    /// <summary>Default 8883, or 443 for WebSocket.</summary>
    public int Port => settings.Port;

    /// <summary>How long a token is good for. Default 1 h.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Makes what the next connection signs in with.</summary>
    /// <exception cref="IOException">A file or the workload API cannot be used now.</exception>
    /// <exception cref="HubUnusableException">The workload API stayed unreachable.</exception>
    public async Task<HubTicket> TicketAsync(CancellationToken token)
    {
        try
        {
            var ticket = new HubTicket(await TokenAsync(token), await TrustedAsync(token), ClientCertificate());
            unreachable = 0;
            return ticket;
        }
        catch (WorkloadException e) when (e.Fault == WorkloadFault.Unreachable && ++unreachable >= MostUnreachable)
        {
            throw new HubUnusableException($"{e.Message.TrimEnd('.')}, after {unreachable} attempts; the module ends so that the runtime starts it with a new socket.", e);
        }
    }

    /// <summary>The server was not trusted: the CA may have changed, so the bundle is fetched again.</summary>
    public void TrustFailed() => bundle = null;

    /// <inheritdoc/>
    public void Dispose() => workload?.Dispose();

    private async Task<SasToken?> TokenAsync(CancellationToken token)
    {
        SasToken.Signer? signer = environment.Credential switch
        {
            HubCredential.SharedKey own => SasToken.With(own.Key),
            HubCredential.Workload => workload!.SignAsync,
            _ => null,
        };
        return signer is null ? null : await SasToken.CreateAsync(Identity, clock.GetUtcNow() + TokenLifetime, signer, token);
    }

    private async Task<X509Certificate2Collection?> TrustedAsync(CancellationToken token)
    {
        if ((environment.CaFile ?? settings.CaFile) is { } file)
        {
            return CertificateTrust.ReadFile(file);
        }

        return workload is null ? null : bundle ??= CertificateTrust.Read(await workload.TrustBundleAsync(token), "The trust bundle of the workload API");
    }

    private X509Certificate2? ClientCertificate()
    {
        if (environment.Credential is not HubCredential.Certificate)
        {
            return null;
        }

        try
        {
            return X509Certificate2.CreateFromPem(BoundedFile.ReadText(settings.CertFile!), BoundedFile.ReadText(settings.KeyFile ?? settings.CertFile!));
        }
        catch (CryptographicException e)
        {
            throw new IOException($"The certificate {settings.CertFile} and the key {settings.KeyFile} cannot be used together.", e);
        }
    }
}
