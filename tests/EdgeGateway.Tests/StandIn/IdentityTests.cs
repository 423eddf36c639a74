using Hubstand.Identities;

namespace EdgeGateway.Tests.StandIn;

/// <summary>User names and tokens.</summary>
public class IdentityTests
{
    private static readonly IdentityName Module = new("d", "m");
    private static readonly Identity Registered = new(Module, "1", Key(1), Key(2));
    private static readonly string[] Hosts = ["hub.example", "Gateway"];

    [Theory]
    [InlineData("hub/d/m/?api-version=2021-04-12&DeviceClientType=x%2F1", "d/m")]
    [InlineData("anything/d/m/api-version=1", "d/m")]
    [InlineData("hub/d/?api-version=2021-04-12", "d")]
    public void The_user_name_states_device_and_module_whatever_its_first_segment_says(string text, string name)
    {
        Assert.True(UserName.TryParse(text, out var user, out _));
        Assert.Equal(name, user.Identity.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("hub/d")]
    [InlineData("hub/d/m/x/?api-version=1")]
    [InlineData("hub//m/?api-version=1")]
    [InlineData("hub/d/m")]
    [InlineData("hub/d/m/?DeviceClientType=x")]
    public void A_malformed_user_name_is_told_in_a_sentence(string? text)
    {
        Assert.False(UserName.TryParse(text, out _, out var problem));
        Assert.EndsWith(".", problem);
    }

    [Theory]
    [InlineData("hub.example/devices/d/modules/m")]
    [InlineData("HUB.example/devices/d/modules/m")]
    [InlineData("gateway/devices/d/modules/m")]
    public void A_token_may_name_the_hub_or_the_gateway_in_any_case(string audience) => Assert.True(Parsed(SasToken.Sign(Uri.EscapeDataString(audience), Key(1), 100)).IsFor(Module, Hosts));

    [Theory]
    [InlineData("hub.example/devices/d")]
    [InlineData("hub.example/devices/D/modules/m")]
    [InlineData("other/devices/d/modules/m")]
    public void A_token_for_somebody_else_is_none(string audience) => Assert.False(Parsed(SasToken.Sign(Uri.EscapeDataString(audience), Key(1), 100)).IsFor(Module, Hosts));

    [Fact]
    public void Ids_may_be_escaped_once_more()
    {
        var name = new IdentityName("a:b", "m");
        Assert.True(Parsed(SasToken.Sign("hub.example%2Fdevices%2Fa%3Ab%2Fmodules%2Fm", Key(1), 1)).IsFor(name, Hosts));
        Assert.True(Parsed(SasToken.Sign("hub.example%2Fdevices%2Fa%253Ab%2Fmodules%2Fm", Key(1), 1)).IsFor(name, Hosts));
    }

    [Fact]
    public void Both_keys_sign_and_no_other()
    {
        Assert.True(Signed(Key(1)).IsSignedBy(Registered));
        Assert.True(Signed(Key(2)).IsSignedBy(Registered));
        Assert.False(Signed(Key(3)).IsSignedBy(Registered));
    }

    [Fact]
    public void The_fields_may_come_in_any_order_and_the_skew_is_granted()
    {
        var parts = SasToken.Sign("a", Key(1), 1000)["SharedAccessSignature ".Length..].Split('&').Reverse();
        var token = Parsed("SharedAccessSignature " + string.Join('&', parts));
        Assert.False(token.HasExpired(DateTimeOffset.FromUnixTimeSeconds(1300), TimeSpan.FromMinutes(5)));
        Assert.True(token.HasExpired(DateTimeOffset.FromUnixTimeSeconds(1301), TimeSpan.FromMinutes(5)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SharedAccessSignature sr=a&sig=b")]
    [InlineData("SharedAccessSignature sr=a&sig=b&se=x")]
    [InlineData("SharedAccessSignature sr=a&sr=a&sig=AA&se=1")]
    [InlineData("SharedAccessSignature sr=a&sig=!&se=1")]
    public void What_is_no_token_is_refused(string text) => Assert.False(SasToken.TryParse(text, out _));

    private static SasToken Signed(string key) => Parsed(SasToken.Sign("hub.example%2Fdevices%2Fd%2Fmodules%2Fm", key, 1));

    private static SasToken Parsed(string text)
    {
        Assert.True(SasToken.TryParse(text, out var token));
        return token;
    }

    private static string Key(byte fill) => Convert.ToBase64String([.. Enumerable.Repeat(fill, 32)]);
}
