using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace EdgeGateway.Updates.Fetching;

/// <summary>Which servers may be asked (docs/formats/settings.md, section updates). What names resolve to is held against this at each connect, so that a name that changes its address leads nowhere else.</summary>
internal static class FetchAddresses
{
    /// <summary>This host, this link, and addresses that are no single machine's: clouds keep credentials there.</summary>
    private static readonly ImmutableArray<IPNetwork> Forbidden = Networks("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/96", "fe80::/10", "ff00::/8");

    /// <summary>Neither those nor the public's; of IPv6 only 2000::/3 is public at all.</summary>
    private static readonly ImmutableArray<IPNetwork> Private = Networks(
        "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "2001::/32", "2001:db8::/32", "2002::/16", "3fff::/20");

    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    /// <summary>Writes an IPv4 address in its last 32 bits.</summary>
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Why an address may not be asked, as the end of a sentence; null when it may.</summary>
    /// <param name="hosts">Those that may, as <c>host:port</c>; null: any public one.</param>
    public static string? Problem(Uri url, ImmutableArray<string>? hosts) =>
        url.Scheme != Uri.UriSchemeHttps ? "is no https address; packages are fetched over HTTPS alone"
        : url.UserInfo.Length > 0 ? "has a user in it; write the address without one and give a store's signature as query"
        : hosts is { } listed ? listed.Contains($"{url.IdnHost}:{url.Port}") ? null : "is on a host that updates.hosts of the site file does not name; name it there, with its port, or put the package elsewhere"
        : IPAddress.TryParse(url.IdnHost, out var address) && !IsPublic(address) ? "is no public address; name it in updates.hosts of the site file"
        : null;

    /// <summary>Whether a host may be reached by an address that its name resolves to.</summary>
    /// <param name="isListed">Whether there is a list of hosts, and this one on it.</param>
    public static bool Allows(IPAddress address, string host, bool isListed)
    {
        var plain = Plain(address);
        return IsPublic(plain) || (isListed && (!Forbidden.Any(n => n.Contains(plain)) || IPAddress.TryParse(host, out _) || (host == "localhost" && IPAddress.IsLoopback(plain))));
    }

    private static bool IsPublic(IPAddress address)
    {
        var plain = Plain(address);
        return (plain.AddressFamily == AddressFamily.InterNetwork || Global.Contains(plain)) && !Forbidden.Any(n => n.Contains(plain)) && !Private.Any(n => n.Contains(plain));
    }

    /// <summary>The IPv4 address that is meant, where an IPv6 address stands for one.</summary>
    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : Nat64.Contains(address) ? new IPAddress(address.GetAddressBytes()[12..])
        : address;

    private static ImmutableArray<IPNetwork> Networks(params ReadOnlySpan<string> texts)
    {
        var networks = ImmutableArray.CreateBuilder<IPNetwork>(texts.Length);
        foreach (var text in texts)
        {
            networks.Add(IPNetwork.Parse(text));
        }

        return networks.MoveToImmutable();
    }
}
