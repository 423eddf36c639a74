using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests.Updates.Keys;

/// <summary>Grants are kept as they came, those of old epochs too, and no grant pushes out another one.</summary>
public sealed class GroupKeysTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private DeviceKey device = null!;
    private GroupKeys keys = null!;

    public async ValueTask InitializeAsync()
    {
        var log = new TrustLog(folder.Path, TimeProvider.System, NullLogger.Instance);
        device = DeviceKey.Of(folder.Path, null, TimeProvider.System, log);
        await device.OpenAsync(TestContext.Current.CancellationToken);
        keys = new GroupKeys(folder.Path, device, log);
    }

    public ValueTask DisposeAsync()
    {
        device.Dispose();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void All_epochs_that_were_granted_are_held_the_newest_first()
    {
        using GroupKey three = New("line-a", 3), four = New("line-a", 4), b = New("line-b", 1);
        Assert.All([three, b, four], key => Assert.Null(keys.Take(Seal(key), key.Group, key.Epoch)));
        Assert.Equal([Recipient(four), Recipient(three), Recipient(b)], keys.Held());
        using var opened = keys.Open(Recipient(three))!;
        Assert.Equal(three.Identity.Recipient, opened.Identity.Recipient);
        Assert.Null(keys.Open(Recipient(three) with { Epoch = 5 }));
    }

    [Fact]
    public void What_lies_on_the_disk_is_the_grant_as_it_came()
    {
        using var key = New("line-a", 4);
        var grant = Seal(key);
        keys.Take(grant, "line-a", 4);
        keys.Take(grant, "line-a", 4);
        var file = Assert.Single(Directory.GetFiles(folder.File("grants")));
        Assert.Equal(grant, File.ReadAllBytes(file));
        Assert.StartsWith("line-a.4.", Path.GetFileName(file), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Permissions.Of(file));
    }

    [Fact]
    public void A_forged_grant_of_the_same_epoch_does_not_push_out_the_right_one()
    {
        using GroupKey right = New("line-a", 4), forged = New("line-a", 4);
        Assert.Null(keys.Take(Seal(right), "line-a", 4));
        Assert.Null(keys.Take(Seal(forged), "line-a", 4));
        Assert.Contains(Recipient(right), keys.Held());
        using var opened = keys.Open(Recipient(right))!;
        Assert.Equal(right.Identity.Recipient, opened.Identity.Recipient);
    }

    [Fact]
    public void A_grant_for_others_says_which_fingerprint_to_confirm_and_is_not_kept()
    {
        using var stranger = X25519Identity.New();
        using var key = New("line-a", 4);
        var refusal = keys.Take(Grant.Seal(key, [stranger.Recipient]), "line-a", 4)!;
        Assert.Equal((RefusalCode.Sealing, false), (refusal.Code, refusal.Waits));
        Assert.Contains(device.Status.Recipient!.Fingerprint, refusal.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("grants")));
    }

    [Theory]
    [InlineData("line-b", 4, RefusalCode.Grant)]
    [InlineData("line-a", 5, RefusalCode.Grant)]
    [InlineData("line-a", 0, RefusalCode.Grant)]
    [InlineData("../line-a", 4, RefusalCode.Grant)]
    [InlineData("line-a\n", 4, RefusalCode.Grant)]
    [InlineData("", 4, RefusalCode.Grant)]
    public void A_grant_of_something_else_than_was_asked_for_is_refused(string group, int epoch, RefusalCode code)
    {
        using var key = New("line-a", 4);
        Assert.Equal(code, keys.Take(Seal(key), group, epoch)!.Code);
        Assert.Empty(keys.Held());
    }

    [Fact]
    public void What_is_no_grant_or_too_large_is_refused()
    {
        Assert.Equal(RefusalCode.Sealing, keys.Take("age-encryption.org/v1\n"u8.ToArray(), "line-a", 4)!.Code);
        Assert.Equal(RefusalCode.TooLarge, keys.Take(new byte[Grant.MostBytes + 1], "line-a", 4)!.Code);
    }

    [Fact]
    public void Files_that_are_no_grants_links_and_damaged_ones_are_left_out()
    {
        using var key = New("line-a", 4);
        keys.Take(Seal(key), "line-a", 4);
        var file = Assert.Single(Directory.GetFiles(folder.File("grants")));
        File.WriteAllText(folder.File("grants/line-a.grant.age"), "");
        File.WriteAllText(folder.File("grants/line-a.99999999999.023456789acd.grant.age"), "");
        File.WriteAllText(folder.File("grants/line-b.1.023456789acd.grant.age"), "half");
        File.CreateSymbolicLink(folder.File("grants/line-c.1.023456789acd.grant.age"), file);
        Assert.Equal([Recipient(key)], keys.Held());
        Assert.Equal(["line-b epoch 1", "line-c epoch 1"], keys.Unreadable());
    }

    [Fact]
    public void So_many_grants_are_kept_and_no_more()
    {
        Directory.CreateDirectory(folder.File("grants"));
        foreach (var n in Enumerable.Range(1, GroupKeys.Most))
        {
            File.WriteAllText(folder.File($"grants/line-a.{n}.023456789acd.grant.age"), "");
        }

        using var key = New("line-b", 1);
        Assert.Contains($"{GroupKeys.Most} grants", keys.Take(Seal(key), "line-b", 1)!.Sentence, StringComparison.Ordinal);
        File.Delete(folder.File("grants/line-a.1.023456789acd.grant.age"));
        Assert.Null(keys.Take(Seal(key), "line-b", 1));
    }

    [Fact]
    public void Each_grant_is_a_line_in_the_log()
    {
        using var key = New("line-a", 4);
        keys.Take(Seal(key), "line-a", 4);
        keys.Take([1], "line-b", 1);
        var lines = File.ReadAllLines(folder.File("trust.log"));
        Assert.Contains(lines, line => line.Contains("\tgranted\tgrant line-a epoch 4\t", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("\trefused\tgrant line-b epoch 1\t-\tsealing\t", StringComparison.Ordinal));
    }

    private static GroupKey New(string group, int epoch) => new(group, epoch, X25519Identity.New());

    private static GroupRecipient Recipient(GroupKey key) => new(key.Group, key.Epoch, key.Identity.Recipient.Text);

    private byte[] Seal(GroupKey key) => Grant.Seal(key, [device.Identity!.Recipient]);
}
