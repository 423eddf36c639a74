using System.Text;
using CsCheck;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Packages.Age;

namespace EdgeGateway.Tests.Packages.Groups;

/// <summary>The key of a group comes to its members, to them alone, and only as what it is.</summary>
public sealed class GrantTests : IDisposable
{
    private readonly GroupKey key = new("line-a", 4, X25519Identity.New());
    private readonly X25519Identity device = X25519Identity.New();

    public void Dispose()
    {
        key.Dispose();
        device.Dispose();
    }

    [Fact]
    public void A_member_opens_the_grant_and_nobody_else()
    {
        using X25519Identity another = X25519Identity.New(), dropped = X25519Identity.New();
        var grant = Grant.Seal(key, [another.Recipient, device.Recipient]);
        using var opened = Grant.Open(grant, device, "line-a", 4);
        Assert.Equal(("line-a", 4, key.Identity.Recipient), (opened.Group, opened.Epoch, opened.Identity.Recipient));
        Assert.Equal(SealingFailure.NoKey, Sealed.Refused(() => Grant.Open(grant, dropped, "line-a", 4)));
    }

    [Theory]
    [InlineData("line-b", 4)]
    [InlineData("line-a", 3)]
    [InlineData("line-a", 44)]
    [InlineData("line", 4)]
    public void A_grant_of_another_group_or_epoch_is_refused(string group, int epoch)
    {
        var refused = Assert.Throws<SealingException>(() => Grant.Open(Grant.Seal(key, [device.Recipient]), device, group, epoch));
        Assert.Equal((SealingFailure.Grant, RefusalCode.Grant), (refused.Failure, refused.Code));
        Assert.Contains($"group {group}, epoch {epoch}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("# group: line-a\n# epoch: 4\n")]
    [InlineData("# group: line-a\n# epoch: 4\n\n")]
    [InlineData("# group: line-a\n# epoch: 4\nAGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")]
    [InlineData("# group: line-a\n# epoch: 4\nAGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n\n")]
    [InlineData("# group: line-a\n# epoch: 4\nage1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj\n")]
    [InlineData("# group: line-a\r\n# epoch: 4\nAGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n")]
    [InlineData("")]
    public void A_grant_with_another_text_is_refused(string text)
    {
        var grant = Sealed.Seal(Encoding.ASCII.GetBytes(text), device.Recipient);
        Assert.Equal(SealingFailure.Grant, Sealed.Refused(() => Grant.Open(grant, device, "line-a", 4)));
    }

    [Fact]
    public void A_text_that_was_changed_in_any_place_is_refused()
    {
        var text = key.ToText();
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Int[1, 255], Gen.Int[0, 2]).Sample(
            (at, change, cut) =>
            {
                var changed = text.ToArray();
                changed[at] ^= (byte)change;
                return Sealed.Refused(() => GroupKey.Parse(changed.AsSpan(0, changed.Length - cut), "line-a", 4)) == SealingFailure.Grant;
            },
            iter: 10_000);
    }

    [Fact]
    public void The_text_of_a_group_key_is_an_identity_file_of_age()
    {
        var lines = Encoding.ASCII.GetString(key.ToText()).Split('\n');
        Assert.Equal(["# group: line-a", "# epoch: 4"], lines[..2]);
        Assert.StartsWith("AGE-SECRET-KEY-1", lines[2], StringComparison.Ordinal);
        Assert.Equal("", lines[3]);
        using var read = GroupKey.Parse(key.ToText(), "line-a", 4);
        Assert.Equal(key.Identity.Recipient, read.Identity.Recipient);
    }

    [Fact]
    public void Two_thousand_members_fit_and_each_can_open_it()
    {
        var members = Enumerable.Range(0, Grant.MostMembers - 1).Select(_ => X25519Identity.New()).ToList();
        var grant = Grant.Seal(key, [.. members.Select(m => m.Recipient), device.Recipient]);
        members.ForEach(m => m.Dispose());
        Assert.InRange(grant.Length, 2000 * 98, Header.MostBytes);
        using var opened = Grant.Open(grant, device, "line-a", 4);
        Assert.Equal(key.Identity.Recipient, opened.Identity.Recipient);
        Assert.Throws<ArgumentOutOfRangeException>(() => Grant.Seal(key, [.. Enumerable.Repeat(device.Recipient, Grant.MostMembers + 1)]));
    }

    [Fact]
    public void A_grant_that_is_too_large_is_not_looked_at() =>
        Assert.Equal(SealingFailure.TooLarge, Sealed.Refused(() => Grant.Open([.. Grant.Seal(key, [device.Recipient]), .. new byte[Grant.MostBytes]], device, "line-a", 4)));
}
