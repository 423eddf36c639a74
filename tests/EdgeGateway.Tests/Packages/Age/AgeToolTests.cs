using System.Diagnostics;
using System.Text;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.Tests.Packages.Age;

/// <summary>Ours beside <c>age</c>: each opens what the other sealed.</summary>
public sealed class AgeToolTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgegateway-age-");
    private readonly X25519Identity identity = X25519Identity.New();
    private readonly X25519Identity other = X25519Identity.New();

    public AgeToolTests() => Assert.SkipUnless(File.Exists("/usr/bin/age") && File.Exists("/usr/bin/script"), "age or script is missing (apt-get install age bsdutils): this test seals and opens with age itself.");

    public void Dispose()
    {
        identity.Dispose();
        other.Dispose();
        folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(RoundTripTests.Sizes), MemberType = typeof(RoundTripTests))]
    public void Age_opens_what_we_seal_to_several(int size)
    {
        File.WriteAllBytes(At("sealed"), Sealed.Seal(Sealed.Bytes(size), other.Recipient, identity.Recipient));
        File.WriteAllBytes(At("plain"), []); // age makes no file for nothing
        Run("age", "-d", "-i", Write(identity), "-o", At("plain"), At("sealed"));
        Assert.Equal(Sealed.Bytes(size), File.ReadAllBytes(At("plain")));
    }

    [Theory]
    [MemberData(nameof(RoundTripTests.Sizes), MemberType = typeof(RoundTripTests))]
    public void We_open_what_age_seals_to_several(int size)
    {
        File.WriteAllBytes(At("plain"), Sealed.Bytes(size));
        Run("age", "-r", other.Recipient.Text, "-r", identity.Recipient.Text, "-o", At("sealed"), At("plain"));
        Assert.Equal(Sealed.Bytes(size), Sealed.OpenInto(new byte[size], File.ReadAllBytes(At("sealed")), identity));
    }

    [Fact]
    public void Age_and_we_make_the_same_recipient_of_an_identity()
    {
        Run("age-keygen", "-o", At("key"));
        using var theirs = X25519Identity.Parse(Encoding.ASCII.GetBytes(File.ReadAllLines(At("key"))[^1]))!;
        Assert.Equal(Run("age-keygen", "-y", At("key")).Trim(), theirs.Recipient.Text);
        Assert.Equal(Run("age-keygen", "-y", Write(identity)).Trim(), identity.Recipient.Text);
    }

    [Fact]
    public void Age_opens_a_grant_and_then_with_it_what_is_sealed_to_the_group()
    {
        using var key = new GroupKey("line-a", 4, X25519Identity.New());
        File.WriteAllBytes(At("line-a.4.grant.age"), Grant.Seal(key, [other.Recipient, identity.Recipient]));
        File.WriteAllBytes(At("sealed"), Sealed.Seal([1, 2, 3], key.Identity.Recipient));
        Run("age", "-d", "-i", Write(identity), "-o", At("group"), At("line-a.4.grant.age"));
        Run("age", "-d", "-i", At("group"), "-o", At("plain"), At("sealed"));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(At("plain")));
    }

    [Fact]
    public void Age_opens_what_we_seal_with_a_passphrase()
    {
        File.WriteAllBytes(At("sealed"), PassphraseFile.Seal("a secret"u8, "open sesame"u8.ToArray()));
        RunWithPassphrase($"age -d -o {At("plain")} {At("sealed")}", "open sesame\n");
        Assert.Equal("a secret", File.ReadAllText(At("plain")));
    }

    [Fact]
    public void We_open_what_age_seals_with_a_passphrase()
    {
        File.WriteAllText(At("plain"), "a secret");
        RunWithPassphrase($"age -p -o {At("sealed")} {At("plain")}", "open sesame\nopen sesame\n");
        Assert.Equal("a secret"u8, PassphraseFile.Open(File.ReadAllBytes(At("sealed")), "open sesame"u8.ToArray()));
    }

    private string At(string name) => Path.Combine(folder.FullName, name);

    private string Write(X25519Identity key)
    {
        var text = new byte[X25519Identity.TextLength];
        key.WriteText(text);
        File.WriteAllBytes(At("identity"), text);
        return At("identity");
    }

    /// <summary>age asks for a passphrase at a terminal alone: script is one.</summary>
    private static void RunWithPassphrase(string command, string typed) => RunTyping("script", typed, "-qec", command, "/dev/null");

    private static string Run(string tool, params string[] arguments) => RunTyping(tool, "", arguments);

    private static string RunTyping(string tool, string typed, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardInput.Write(typed);
        process.StandardInput.Close();
        var said = process.StandardOutput.ReadToEnd();
        var complained = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: {said}{complained}");
        return said;
    }
}
