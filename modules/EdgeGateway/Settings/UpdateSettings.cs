using System.Collections.Immutable;

namespace EdgeGateway.Settings;

/// <summary>From where packages may be fetched, and whom to trust first.</summary>
/// <param name="Hosts">The hosts that are asked, each as <c>host:port</c> in lower case; null for any whose addresses are all public.</param>
/// <param name="CaFile">PEM of the only certificates to trust, read at every connect; null for the system's trust.</param>
/// <param name="Proxy">The HTTP proxy that all goes through; null for what <c>HTTPS_PROXY</c> and <c>NO_PROXY</c> of the environment say.</param>
public sealed record UpdateSettings(ImmutableArray<string>? Hosts, string? CaFile, Uri? Proxy)
{
    /// <summary>The file of the first root that is trusted; null for that of the image.</summary>
    public string? RootFile { get; init; }

    /// <summary>How far a model or adapter may differ from the one that judges.</summary>
    public ProofLimits Proof { get; init; } = new();
}
