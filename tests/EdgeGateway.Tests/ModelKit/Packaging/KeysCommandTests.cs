using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Tests.ModelKit.Packaging;

public sealed class KeysCommandTests(Workshop workshop) : IClassFixture<Workshop>
{
    [Fact]
    public async Task A_grant_opens_on_every_confirmed_device_and_on_no_other()
    {
        using var device = X25519Identity.New();
        using var stranger = X25519Identity.New();
        var folder = Directory.CreateDirectory(workshop.New()).FullName;
        var output = await GrantAsync(0, folder, Members(("gw-1", device)), Reported(("gw-1", device)));
        Assert.Contains("group line-a, epoch 1, granted to 1 devices", output, StringComparison.Ordinal);
        var grant = await File.ReadAllBytesAsync(Path.Combine(folder, "line-a.1.grant.age"), TestContext.Current.CancellationToken);
        using var key = Grant.Open(grant, device, "line-a", 1);
        Assert.Contains(key.Identity.Recipient.Text, await File.ReadAllTextAsync(workshop.PathOf("line-a.1.recipient"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(SealingFailure.NoKey, Assert.Throws<SealingException>(() => Grant.Open(grant, stranger, "line-a", 1)).Failure);
    }

    [Fact]
    public async Task A_key_that_the_hubs_owner_reports_for_himself_is_refused_and_named()
    {
        using var device = X25519Identity.New();
        using var other = X25519Identity.New();
        using var owner = X25519Identity.New();
        var folder = Directory.CreateDirectory(workshop.New()).FullName;
        var error = await GrantAsync(3, folder, Members(("gw-1", device), ("gw-2", other)), Reported(("gw-1", owner), ("gw-2", other), ("gw-3", owner)));
        Assert.Contains($"gw-1 is said to have the key {owner.Recipient.Fingerprint}, confirmed was {device.Recipient.Fingerprint}", error, StringComparison.Ordinal);
        Assert.Contains("gw-3 is not on the list of group line-a", error, StringComparison.Ordinal);
        var grant = await File.ReadAllBytesAsync(Path.Combine(folder, "line-a.1.grant.age"), TestContext.Current.CancellationToken);
        Assert.Equal(SealingFailure.NoKey, Assert.Throws<SealingException>(() => Grant.Open(grant, owner, "line-a", 1)).Failure);
        Grant.Open(grant, other, "line-a", 1).Dispose();
    }

    [Fact]
    public async Task What_a_hub_says_cannot_write_on_the_terminal()
    {
        using var device = X25519Identity.New();
        var folder = Directory.CreateDirectory(workshop.New()).FullName;
        var error = await GrantAsync(3, folder, Members(("gw-1", device)), Reported(("gw-1", device), ("gw-2\\u001b[2Jgranted", device)));
        Assert.Contains("is not on the list of group line-a", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error);
    }

    [Fact]
    public async Task The_next_epoch_leaves_out_who_was_dropped()
    {
        using var kept = X25519Identity.New();
        using var dropped = X25519Identity.New();
        var folder = Directory.CreateDirectory(workshop.New()).FullName;
        var (code, output, _) = await RunAsync("rotate", folder, Members(("gw-1", kept)), Reported(("gw-1", kept)));
        Assert.Equal(0, code);
        Assert.Contains("group line-a, epoch 2, granted to 1 devices", output, StringComparison.Ordinal);
        Assert.Equal(["line-a.2.grant.age", "line-a.2.identity.age", "line-a.2.recipient"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        var grant = await File.ReadAllBytesAsync(Path.Combine(folder, "line-a.2.grant.age"), TestContext.Current.CancellationToken);
        Grant.Open(grant, kept, "line-a", 2).Dispose();
        Assert.Throws<SealingException>(() => Grant.Open(grant, dropped, "line-a", 2));
    }

    [Fact]
    public async Task Without_a_confirmed_device_nothing_is_written()
    {
        using var owner = X25519Identity.New();
        using var device = X25519Identity.New();
        var folder = Directory.CreateDirectory(workshop.New()).FullName;
        var (code, _, error) = await RunAsync("rotate", folder, Members(("gw-1", device)), Reported(("gw-1", owner)));
        Assert.Equal(2, code);
        Assert.StartsWith("No device can be granted:\ngw-1 is said to have the key", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Theory]
    [InlineData(2, "The passphrase of", "short", "keys", "new", "signing", "zoe")]
    [InlineData(2, "zoe/../x cannot be a name", "long enough a passphrase", "keys", "new", "signing", "zoe/../x")]
    [InlineData(4, "", "not the passphrase at all", "package", "sign", "root.1.json", "--key", "ada.key.age")]
    [InlineData(1, "already exists", "long enough a passphrase", "keys", "new", "group", "line-a")]
    public async Task What_cannot_be_done_with_a_key_is_one_sentence(int expected, string sentence, string passphrase, params string[] args)
    {
        var file = workshop.New();
        await File.WriteAllTextAsync(file, passphrase, TestContext.Current.CancellationToken);
        var (code, _, error) = await Tool.RunAsync([.. args.Select(a => a.EndsWith(".json", StringComparison.Ordinal) || a.EndsWith(".age", StringComparison.Ordinal) ? workshop.PathOf(a) : a), .. args[0] == "keys" ? new[] { "--out", Path.GetDirectoryName(workshop.Passphrase)! } : [], "--passphrase-file", file]);
        Assert.Equal(expected, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    private static string Members(params (string Device, X25519Identity Key)[] members) =>
        $$"""{ "group": "line-a", "members": [ {{string.Join(", ", members.Select(m => $$"""{ "device": "{{m.Device}}", "fingerprint": "{{m.Key.Recipient.Fingerprint}}", "confirmedBy": "ada" }"""))}} ] }""";

    private static string Reported(params (string Device, X25519Identity Key)[] reported) =>
        $"[ {string.Join(", ", reported.Select(r => $$"""{ "device": "{{r.Device}}", "key": "{{r.Key.Recipient.Text}}" }"""))} ]";

    /// <returns>Output, or error when it is not to end with 0.</returns>
    private async Task<string> GrantAsync(int expected, string folder, string members, string reported)
    {
        var (code, output, error) = await RunAsync("grant", folder, members, reported);
        Assert.True(code == expected, $"{code}: {error}");
        return expected == 0 ? output : error;
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string command, string folder, string members, string reported)
    {
        var (membersFile, reportedFile) = (workshop.New(), workshop.New());
        await File.WriteAllTextAsync(membersFile, members);
        await File.WriteAllTextAsync(reportedFile, reported);
        return await Tool.RunAsync("keys", command, workshop.PathOf("line-a.1.identity.age"), "--members", membersFile, "--reported", reportedFile, "--out", folder, "--passphrase-file", workshop.Passphrase);
    }
}
