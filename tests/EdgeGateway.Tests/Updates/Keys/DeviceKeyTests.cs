using System.Text;
using CsCheck;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Tests.Storage;
using EdgeGateway.Updates.Keys;
using EdgeGateway.Updates.Trust;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGateway.Tests.Updates.Keys;

/// <summary>A key in a file of a device without the IoT Edge runtime: made once, kept whatever becomes of the file, and replaced by an operator alone.</summary>
public sealed class DeviceKeyTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => folder.File("device-key.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_first_start_makes_a_key_and_later_starts_open_the_same()
    {
        var made = await OpenAsync();
        Assert.Equal((DeviceKeyState.Ready, "file", ""), (made.State, made.Kind, made.Sentence));
        Assert.Equal(made, await OpenAsync());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Permissions.Of(File));
        Assert.Contains(made.Recipient!.Fingerprint, await System.IO.File.ReadAllTextAsync(folder.File("trust.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_look_makes_no_key()
    {
        using var key = Key();
        var status = await key.LookAsync(Token);
        Assert.Equal((DeviceKeyState.Unavailable, false), (status.State, status.NeedsOperator));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_file_that_ends_early_or_was_changed_is_never_replaced_and_opens_to_no_other_key()
    {
        var made = await OpenAsync();
        var whole = await System.IO.File.ReadAllBytesAsync(File, Token);
        await Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Bool).SampleAsync(
            async (at, value, cut) =>
            {
                byte[] changed = cut ? whole[..at] : [.. whole[..at], value, .. whole[(at + 1)..]];
                await System.IO.File.WriteAllBytesAsync(File, changed, Token);
                var status = await OpenAsync();
                Assert.Equal(changed, await System.IO.File.ReadAllBytesAsync(File, Token));
                Assert.True(status.State == DeviceKeyState.Unusable ? status is { NeedsOperator: true, Sentence: [.., '.'] } : status.Recipient == made.Recipient, status.ToString());
            },
            iter: 300, threads: 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"format":1,"kind":"file","key":"age1","sealed":""}""")]
    [InlineData("""{"format":1,"kind":"file","key":null,"sealed":null}""")]
    [InlineData("""{"format":1,"kind":"file","key":"\ud800","sealed":""}""")]
    [InlineData("""{"format":1,"kind":"file","kind":"file","key":"age1","sealed":""}""")]
    [InlineData("""{"format":2}""")]
    [InlineData("""{"format":2,"kind":"file","key":"","sealed":""}""")]
    [InlineData("""{"format":1,"kind":"tpm","key":"","sealed":""}""")]
    public async Task What_is_no_key_file_needs_an_operator(string content)
    {
        Write(content);
        var status = await OpenAsync();
        Assert.Equal((DeviceKeyState.Unusable, true), (status.State, status.NeedsOperator));
        Assert.Contains(File, status.Sentence, StringComparison.Ordinal);
        Assert.Equal(content, await System.IO.File.ReadAllTextAsync(File, Token));
    }

    [Fact]
    public async Task A_file_with_the_secret_of_another_key_is_not_used()
    {
        using var other = X25519Identity.New();
        var made = await OpenAsync();
        Write((await System.IO.File.ReadAllTextAsync(File, Token)).Replace(made.Recipient!.Text, other.Recipient.Text, StringComparison.Ordinal));
        Assert.Contains("not that of its public key", (await OpenAsync()).Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task A_file_that_every_user_may_read_or_write_is_refused_until_an_operator_says_what_to_do(UnixFileMode others)
    {
        var made = await OpenAsync();
        Permissions.Set(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        var status = await OpenAsync();
        Assert.Equal(DeviceKeyState.Unusable, status.State);
        Assert.Contains("chmod o= ", status.Sentence, StringComparison.Ordinal);
        Permissions.Set(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(made, await OpenAsync());
    }

    [Fact]
    public async Task The_group_may_have_what_Kubernetes_gives_it_on_a_volume()
    {
        var made = await OpenAsync();
        Permissions.Set(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        Assert.Equal(made, await OpenAsync());
    }

    [Fact]
    public async Task A_link_is_not_followed_and_a_folder_is_no_key()
    {
        await OpenAsync();
        System.IO.File.Move(File, folder.File("elsewhere.json"));
        System.IO.File.CreateSymbolicLink(File, folder.File("elsewhere.json"));
        Assert.Contains("is a link", (await OpenAsync()).Sentence, StringComparison.Ordinal);
        System.IO.File.Delete(File);
        Directory.CreateDirectory(File);
        Assert.Contains("is a folder", (await OpenAsync()).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_key_keeps_all_old_ones_beside_it()
    {
        var first = await OpenAsync();
        using var key = Key();
        var second = await key.RenewAsync(Token);
        var third = await key.RenewAsync(Token);
        Assert.Equal(3, new[] { first, second, third }.Select(k => k.Recipient).Distinct().Count());
        Assert.Contains(first.Recipient!.Text, await System.IO.File.ReadAllTextAsync(folder.File("device-key.1.json"), Token), StringComparison.Ordinal);
        Assert.Contains(second.Recipient!.Text, await System.IO.File.ReadAllTextAsync(folder.File("device-key.2.json"), Token), StringComparison.Ordinal);
        Assert.Equal(third, await OpenAsync());
    }

    [Fact]
    public async Task A_damaged_file_is_kept_too_when_a_new_key_is_made()
    {
        Write("half of a fi");
        using var key = Key();
        Assert.Equal(DeviceKeyState.Ready, (await key.RenewAsync(Token)).State);
        Assert.Equal("half of a fi", await System.IO.File.ReadAllTextAsync(folder.File("device-key.1.json"), Token));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_waited_for()
    {
        Write("");
        using var key = new DeviceKey(File, [new FileKeySealer()], new TrustLog(folder.Path, TimeProvider.System, NullLogger.Instance)); // a file where the folder should be
        var status = await key.OpenAsync(Token);
        Assert.Equal((DeviceKeyState.Unavailable, false, null), (status.State, status.NeedsOperator, status.Recipient));
    }

    [Fact]
    public async Task Reported_is_what_a_person_confirms_and_never_the_secret()
    {
        var made = await OpenAsync();
        var reported = made.ToReported().ToJsonString();
        Assert.Equal($$"""{"state":"ready","kind":"file","key":"{{made.Recipient!.Text}}","fingerprint":"{{made.Recipient.Fingerprint}}"}""", reported);
        Write("");
        Assert.Equal(["state", "error"], (await OpenAsync()).ToReported().Select(p => p.Key));
    }

    private void Write(string content)
    {
        System.IO.File.WriteAllBytes(File, Encoding.UTF8.GetBytes(content));
        Permissions.Set(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>As a start of the process does.</summary>
    private async Task<DeviceKeyStatus> OpenAsync()
    {
        using var key = Key();
        return await key.OpenAsync(Token);
    }

    private DeviceKey Key() => DeviceKey.Of(folder.Path, null, TimeProvider.System, new TrustLog(folder.Path, TimeProvider.System, NullLogger.Instance));
}
