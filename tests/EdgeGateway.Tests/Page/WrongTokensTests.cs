using EdgeGateway.Page;
using EdgeGateway.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EdgeGateway.Tests.Page;

public sealed class WrongTokensTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void An_address_may_be_wrong_ten_times_a_minute_and_others_are_not_held_up_by_it()
    {
        var wrong = new WrongTokens(clock);
        for (var i = 0; i < WrongTokens.MostOfOne; i++)
        {
            Assert.True(wrong.Allows("10.0.0.1"));
            wrong.Add("10.0.0.1");
        }

        Assert.Equal((false, true), (wrong.Allows("10.0.0.1"), wrong.Allows("10.0.0.2")));
        clock.Advance(WrongTokens.Period);
        Assert.True(wrong.Allows("10.0.0.1"));
    }

    [Fact]
    public void All_addresses_together_may_be_wrong_a_hundred_times()
    {
        var wrong = new WrongTokens(clock);
        Assert.Equal(1, Enumerable.Range(0, 10_000).Count(i => wrong.Add($"address {i}")));
        Assert.False(wrong.Allows("another"));
    }

    [Fact]
    public void Tokens_are_made_once_are_for_their_owner_alone_and_tell_the_roles_apart()
    {
        using var folder = new TempFolder();
        Assert.Null(PageTokens.Read(folder.Path));
        var (made, again) = (PageTokens.Of(folder.Path), PageTokens.Of(folder.Path));
        Assert.Equal((made.View, made.Operate), (again.View, again.Operate));
        Assert.Equal([PageRole.View, PageRole.Operate, null, null], new[] { made.View, made.Operate, made.View[1..], "" }.Select(again.RoleOf));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path.Combine(folder.Path, "page", "tokens")) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("192.168.1.20", true)]
    [InlineData("[fe80::1]", true)]
    [InlineData("LOCALHOST", true)]
    [InlineData("gateway.plant.local", true)]
    [InlineData("evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("", false)]
    public void A_host_is_an_address_or_a_name_of_ours(string host, bool isAllowed) => Assert.Equal(isAllowed, new AllowedHosts(["gateway.plant.local"]).Allows(host));
}
