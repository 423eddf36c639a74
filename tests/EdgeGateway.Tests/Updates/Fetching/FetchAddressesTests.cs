using System.Net;
using EdgeGateway.Updates.Fetching;

namespace EdgeGateway.Tests.Updates.Fetching;

/// <summary>Which addresses names may lead to.</summary>
public sealed class FetchAddressesTests
{
    [Theory]
    [InlineData("20.60.0.4")]
    [InlineData("2603:1030:210::5")]
    [InlineData("::ffff:20.60.0.4")]
    [InlineData("64:ff9b::20.60.0.4")]
    public void The_publics_are_for_every_name(string address)
    {
        Assert.True(FetchAddresses.Allows(IPAddress.Parse(address), "store.example", isListed: false));
        Assert.True(FetchAddresses.Allows(IPAddress.Parse(address), "store.example", isListed: true));
    }

    [Theory]
    [InlineData("10.0.0.5")]
    [InlineData("172.31.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.9")]
    [InlineData("fd00::5")]
    [InlineData("fec0::5")]
    [InlineData("2001:db8::5")]
    [InlineData("2002:7f00:1::")]
    [InlineData("::ffff:10.0.0.5")]
    [InlineData("64:ff9b::10.0.0.5")]
    [InlineData("4000::1")]
    public void Private_ones_are_for_listed_names(string address)
    {
        Assert.False(FetchAddresses.Allows(IPAddress.Parse(address), "store.example", isListed: false));
        Assert.True(FetchAddresses.Allows(IPAddress.Parse(address), "store.example", isListed: true));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("::")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("ff02::1")]
    public void This_device_its_link_and_crowds_are_for_no_name(string text)
    {
        var address = IPAddress.Parse(text);
        Assert.False(FetchAddresses.Allows(address, "store.example", isListed: false));
        Assert.False(FetchAddresses.Allows(address, "store.example", isListed: true));
        Assert.True(FetchAddresses.Allows(address, text.Split('%')[0], isListed: true), "an address that stands in the list itself");
        Assert.False(FetchAddresses.Allows(address, "localhost", isListed: false));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.0.0.5", true)]
    [InlineData("169.254.169.254", false)]
    [InlineData("0.0.0.0", false)]
    public void Localhost_is_this_device_where_it_is_listed(string address, bool allowed) =>
        Assert.Equal(allowed, FetchAddresses.Allows(IPAddress.Parse(address), "localhost", isListed: true));

    [Theory]
    [InlineData("https://store.example/x", null)]
    [InlineData("https://STORE.example:443/x", null)]
    [InlineData("https://10.0.0.5:8443/x", null)]
    [InlineData("https://[fd00::5]:8443/x", null)]
    [InlineData("https://store.example:8443/x", "does not name")]
    [InlineData("https://10.0.0.5/x", "does not name")]
    [InlineData("https://store.example./x", "does not name")]
    [InlineData("https://a.store.example/x", "does not name")]
    [InlineData("https://0x7f.1/x", "does not name")]
    public void A_host_is_listed_with_its_port(string url, string? sentence) =>
        Assert.Equal(sentence is null, Problem(url, "store.example:443", "10.0.0.5:8443", "fd00::5:8443") is not { } said || !said.Contains(sentence!, StringComparison.Ordinal));

    [Theory]
    [InlineData("https://store.example/x", true)]
    [InlineData("https://20.60.0.4/x", true)]
    [InlineData("https://10.0.0.5/x", false)]
    [InlineData("https://0x7f.1/x", false)]
    [InlineData("https://2130706433/x", false)]
    [InlineData("https://[::ffff:a9fe:a9fe]/x", false)]
    [InlineData("https://[fe80::1%25eth0]/x", false)]
    public void Without_a_list_any_name_may_be_looked_up_and_addresses_must_be_public(string url, bool allowed) =>
        Assert.Equal(allowed, FetchAddresses.Problem(new Uri(url), hosts: null) is null);

    private static string? Problem(string url, params string[] hosts) => FetchAddresses.Problem(new Uri(url), [.. hosts]);
}
