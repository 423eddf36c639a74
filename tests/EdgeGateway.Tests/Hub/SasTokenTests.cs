using System.Text;
using EdgeGateway.Hub;

namespace EdgeGateway.Tests.Hub;

public class SasTokenTests
{
    /// <summary>2026-09-21T14:13:20Z.</summary>
    private static readonly DateTimeOffset Expiry = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("an example key of 32 bytes here!");

    /// <summary>Signatures made with <c>openssl dgst -sha256 -mac HMAC</c> over the encoded resource, a line feed and the expiry.</summary>
    [Theory]
    [InlineData("edge-1", "edgeGateway", "north.azure-devices.net%2Fdevices%2Fedge-1%2Fmodules%2FedgeGateway", "Jdkcgbeq6x3maHYrvxiZGFY6b72%2BiswKOcTdU7Sy%2BRw%3D")]
    [InlineData("edge:1_a.b", null, "north.azure-devices.net%2Fdevices%2Fedge%3A1_a.b", "7isd1kaA0del0LZI1BLge5LhVLS3wGuKf13wLzONy4s%3D")]
    public async Task It_is_what_openssl_signs(string device, string? module, string resource, string signature)
    {
        var token = await SasToken.CreateAsync(new HubIdentity("north.azure-devices.net", device, module), Expiry, SasToken.With(Key), TestContext.Current.CancellationToken);
        Assert.Equal($"SharedAccessSignature sr={resource}&sig={signature}&se=1790000000", token.Text);
    }

    [Fact]
    public async Task It_never_shows_itself()
    {
        var token = await SasToken.CreateAsync(new HubIdentity("h", "d", "m"), Expiry, SasToken.With(Key), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("sig", $"{token} {new HubTicket(token, null, null)}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signer_is_given_exactly_what_is_sent()
    {
        var signed = "";
        var token = await SasToken.CreateAsync(new HubIdentity("h.net", "d", "m"), Expiry, (data, _) =>
        {
            signed = Encoding.UTF8.GetString(data.Span);
            return Task.FromResult("a+b/c=");
        }, TestContext.Current.CancellationToken);
        Assert.Equal("h.net%2Fdevices%2Fd%2Fmodules%2Fm\n1790000000", signed);
        Assert.EndsWith("&sig=a%2Bb%2Fc%3D&se=1790000000", token.Text, StringComparison.Ordinal);
    }
}
