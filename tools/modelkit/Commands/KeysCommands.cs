using System.CommandLine;
using System.Text.Json;
using EdgeGateway.ModelKit.Packaging;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Keys;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>keys new signing | new group | grant | rotate</c>: the keys of people and of groups of devices. Secrets lie behind a passphrase and never stand on a command line.</summary>
internal sealed class KeysCommands(TextWriter output, TextWriter error)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };
    private readonly Option<FileInfo> passphrase = Passphrase.NewOption();
    private readonly Option<DirectoryInfo> folder = new Option<DirectoryInfo>("--out") { Description = "folder to write to", HelpName = "DIR", DefaultValueFactory = _ => new DirectoryInfo(".") }.AcceptExistingOnly();
    private readonly Argument<string> name = new("NAME") { Description = "1 to 64 of a-z, 0-9 and -" };
    private readonly Argument<FileInfo> identity = new Argument<FileInfo>("GROUP.EPOCH.identity.age") { Description = "the group's identity, as keys new group or keys rotate wrote it" }.AcceptExistingOnly();
    private readonly Option<FileInfo> members = new Option<FileInfo>("--members") { Description = "the list that a person confirmed (docs/formats/package.md)", HelpName = "FILE", Required = true }.AcceptExistingOnly();
    private readonly Option<FileInfo> reported = new Option<FileInfo>("--reported") { Description = "what the devices reported: [ { \"device\": \"gw-17\", \"key\": \"age1...\" } ]", HelpName = "FILE", Required = true }.AcceptExistingOnly();

    /// <summary>All of them.</summary>
    public IEnumerable<Command> Create()
    {
        var newSigning = new Command("signing", "Makes a key for signing: NAME.key.age, which stays with its holder, and NAME.pub for roots.\nExample: modelkit keys new signing ada") { name, folder, passphrase };
        newSigning.SetAction(NewSigning);
        var newGroup = new Command("group", "Makes the first identity of a group of devices: NAME.1.identity.age, which stays here, and NAME.1.recipient to seal packages to.\nExample: modelkit keys new group line-a") { name, folder, passphrase };
        newGroup.SetAction(parsed => NewEpoch(parsed, KeyFiles.RequireName(parsed.GetValue(name)!), 1));
        yield return new Command("new", "Makes keys.\nExample: modelkit keys new signing ada") { newSigning, newGroup };
        var grant = new Command("grant", "Seals a group's identity to its devices: GROUP.EPOCH.grant.age. Granted is whose reported key has the confirmed fingerprint; every other one is named, and the command ends with 3.\nExample: modelkit keys grant line-a.1.identity.age --members line-a.json --reported reported.json")
        {
            identity, members, reported, folder, passphrase,
        };
        grant.SetAction(parsed => WithIdentity(parsed, key => Grant(parsed, key, RequireConfirmed(parsed, key))));
        yield return grant;
        var rotate = new Command("rotate", "Makes the next identity of a group and grants it: who is no longer on the list cannot open what is sealed from now on. The passphrase is that of the identity before.\nExample: modelkit keys rotate line-a.1.identity.age --members line-a.json --reported reported.json")
        {
            identity, members, reported, folder, passphrase,
        };
        rotate.SetAction(parsed => WithIdentity(parsed, key => Rotate(parsed, key)));
        yield return rotate;
    }

    private int NewSigning(ParseResult parsed)
    {
        var path = Path.Combine(parsed.GetValue(folder)!.ToString(), KeyFiles.RequireName(parsed.GetValue(name)!));
        using var key = SigningKey.New();
        KeyFiles.Write(path, key, Passphrase.ForNew($"{path}.key.age", parsed.GetValue(passphrase), error));
        output.WriteLine($"{path}.key.age stays with its holder; {path}.pub goes into roots. Key id {key.Public.Id}.");
        return ExitCode.Done;
    }

    private int NewEpoch(ParseResult parsed, string group, int epoch)
    {
        using var key = new GroupKey(group, epoch, X25519Identity.New());
        var path = parsed.GetValue(folder)!.ToString();
        KeyFiles.Write(path, key, Passphrase.ForNew($"{group}.{epoch}.identity.age", parsed.GetValue(passphrase), error));
        output.WriteLine($"{Path.Combine(path, $"{group}.{epoch}.identity.age")} stays here; {group}.{epoch}.recipient is what packages are sealed to. Fingerprint {key.Identity.Recipient.Fingerprint}.");
        return ExitCode.Done;
    }

    private int WithIdentity(ParseResult parsed, Func<GroupKey, int> run)
    {
        var file = parsed.GetValue(identity)!;
        using var key = KeyFiles.ReadIdentity(file, Passphrase.Of(file.Name, parsed.GetValue(passphrase), error));
        return run(key);
    }

    private int Rotate(ParseResult parsed, GroupKey before)
    {
        using var key = new GroupKey(before.Group, checked(before.Epoch + 1), X25519Identity.New());
        var confirmation = RequireConfirmed(parsed, key);
        KeyFiles.Write(parsed.GetValue(folder)!.ToString(), key, Passphrase.Of(parsed.GetValue(identity)!.Name, parsed.GetValue(passphrase), error));
        return Grant(parsed, key, confirmation);
    }

    private int Grant(ParseResult parsed, GroupKey key, Confirmation confirmation)
    {
        var path = KeyFiles.WriteGrant(parsed.GetValue(folder)!.ToString(), key, confirmation.Members);
        output.WriteLine($"{path}: group {key.Group}, epoch {key.Epoch}, granted to {confirmation.Members.Length} devices; SHA-256 {HashingStream.Measure(path).Sha256}.");
        foreach (var refusal in confirmation.Refusals)
        {
            error.WriteLine(refusal);
        }

        return confirmation.Refusals.IsEmpty ? ExitCode.Done : ExitCode.AnsweredNo;
    }

    private Confirmation RequireConfirmed(ParseResult parsed, GroupKey key)
    {
        var (listFile, reportedFile) = (parsed.GetValue(members)!, parsed.GetValue(reported)!);
        var list = ConfirmedMembers.Read(File.ReadAllBytes(listFile.FullName));
        var confirmation = list.Group != key.Group ? throw new FormatException($"{listFile} is the list of group {list.Group}, the identity is of group {key.Group}; give the list of that group.") : list.Confirm(Reported(reportedFile));
        return confirmation.Members.IsEmpty ? throw new FormatException(string.Join('\n', confirmation.Refusals.Prepend("No device can be granted:"))) : confirmation;
    }

    private static ReportedKey[] Reported(FileInfo file)
    {
        try
        {
            return JsonSerializer.Deserialize<ReportedKey[]>(File.ReadAllBytes(file.FullName), Json) ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new FormatException($"{file} is no list of reported keys, [ {{ \"device\": \"gw-17\", \"key\": \"age1...\" }} ]: {e.Message}", e);
        }
    }
}
