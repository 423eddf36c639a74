using System.Net;

namespace EdgeGateway.Page;

/// <summary>
/// The names under which the page may be asked for. A foreign web page can give its own name this machine's address (DNS rebinding) and then counts as of the same origin; it cannot do so to a plain
/// address, nor to a name that is not its own.
/// </summary>
internal sealed class AllowedHosts(IEnumerable<string> names)
{
    private readonly HashSet<string> known = new(["localhost", Environment.MachineName, .. names], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a request for this host is answered.</summary>
    /// <param name="host">Without port.</param>
    public bool Allows(string host) => IPAddress.TryParse(host.Trim('[', ']'), out _) || known.Contains(host);
}
