using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EdgeGateway.Packages.Age;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;
using EdgeGateway.Packages.Manifests;

namespace EdgeGateway.ModelKit.Packaging;

/// <summary>
/// Keys of people on their disks: <c>NAME.key.age</c> and <c>GROUP.EPOCH.identity.age</c> are secrets behind a passphrase, <c>NAME.pub</c> and <c>GROUP.EPOCH.recipient</c> are public,
/// <c>GROUP.EPOCH.grant.age</c> is for the devices. No file is overwritten.
/// </summary>
internal static partial class KeyFiles
{
    private const int MostBytes = 64 * 1024;

    /// <summary>Writes a signing key and its public half.</summary>
    public static void Write(string path, SigningKey key, byte[] passphrase)
    {
        var pem = key.ToPem();
        WriteNew($"{path}.key.age", PassphraseFile.Seal(pem, passphrase));
        CryptographicOperations.ZeroMemory(pem);
        WriteNew($"{path}.pub", Encoding.ASCII.GetBytes(key.Public.Text + "\n"));
    }

    /// <summary>Opens a signing key.</summary>
    /// <exception cref="SealingException">It is none, or the passphrase is another one.</exception>
    public static SigningKey ReadSigningKey(FileInfo file, byte[] passphrase)
    {
        var pem = PassphraseFile.Open(ReadAll(file), passphrase);
        try
        {
            return SigningKey.FromPem(pem);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pem);
        }
    }

    /// <summary>Reads the public half of a signing key.</summary>
    public static VerificationKey ReadPublic(FileInfo file) =>
        VerificationKey.Parse(Encoding.UTF8.GetString(ReadAll(file)).TrimEnd()) ?? throw new FormatException($"{file} is no public key: one line ed25519:BASE64, as keys new signing writes it.");

    /// <summary>Writes the identity of a group, and its public half.</summary>
    public static void Write(string folder, GroupKey key, byte[] passphrase)
    {
        var text = key.ToText();
        WriteNew(PathOf(folder, key, "identity.age"), PassphraseFile.Seal(text, passphrase));
        CryptographicOperations.ZeroMemory(text);
        WriteNew(PathOf(folder, key, "recipient"), Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"# group: {key.Group}\n# epoch: {key.Epoch}\n{key.Identity.Recipient.Text}\n")));
    }

    /// <summary>Writes what the devices of a group get.</summary>
    /// <returns>The path.</returns>
    public static string WriteGrant(string folder, GroupKey key, IReadOnlyCollection<X25519Recipient> members)
    {
        var path = PathOf(folder, key, "grant.age");
        WriteNew(path, Grant.Seal(key, members));
        return path;
    }

    /// <summary>Opens the identity of a group; which one, its name says.</summary>
    /// <exception cref="SealingException">It is none, or of another group or epoch than its name says, or the passphrase is another one.</exception>
    public static GroupKey ReadIdentity(FileInfo file, byte[] passphrase)
    {
        var name = IdentityName().Match(file.Name);
        if (!name.Success || !int.TryParse(name.Groups["epoch"].Value, CultureInfo.InvariantCulture, out var epoch))
        {
            throw new FormatException($"{file} is not named as keys new group does: GROUP.EPOCH.identity.age; give it back its name.");
        }

        var text = PassphraseFile.Open(ReadAll(file), passphrase);
        try
        {
            return GroupKey.Parse(text, name.Groups["group"].Value, epoch);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Reads the public half of a group's identity.</summary>
    public static GroupRecipient ReadRecipient(FileInfo file)
    {
        var text = RecipientText().Match(Encoding.UTF8.GetString(ReadAll(file)));
        return text.Success && int.TryParse(text.Groups["epoch"].Value, CultureInfo.InvariantCulture, out var epoch) && X25519Recipient.Parse(text.Groups["recipient"].Value) is { } recipient
            ? new GroupRecipient(text.Groups["group"].Value, epoch, recipient.Text)
            : throw new FormatException($"{file} is no recipient of a group: three lines, # group:, # epoch:, age1..., as keys new group writes them.");
    }

    /// <summary>Refuses a name that no package may have.</summary>
    public static string RequireName(string name) =>
        Name().IsMatch(name) ? name : throw new FormatException($"{name} cannot be a name: 1 to 64 of a-z, 0-9 and -, a letter or digit first.");

    private static string PathOf(string folder, GroupKey key, string kind) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{key.Group}.{key.Epoch}.{kind}"));

    private static byte[] ReadAll(FileInfo file) => file.Length <= MostBytes ? File.ReadAllBytes(file.FullName) : throw new FormatException($"{file} has {file.Length} bytes: it is no key file.");

    private static void WriteNew(string path, byte[] content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(content);
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A(?<group>[a-z0-9][a-z0-9-]{0,63})\.(?<epoch>[1-9][0-9]{0,9})\.identity\.age\z")]
    private static partial Regex IdentityName();

    [GeneratedRegex(@"\A# group: (?<group>[a-z0-9][a-z0-9-]{0,63})\n# epoch: (?<epoch>[1-9][0-9]{0,9})\n(?<recipient>age1[a-z0-9]{58})\n\z")]
    private static partial Regex RecipientText();
}
