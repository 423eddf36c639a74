using System.CommandLine;
using System.Globalization;
using EdgeGateway.ModelKit.Packaging;
using EdgeGateway.Packages.Envelopes;
using EdgeGateway.Packages.Roots;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>keys root</c>: a root document, which says who may sign. Unsigned: its holders sign it with <c>package sign</c>.</summary>
internal sealed class KeysRootCommand(TextWriter output, TimeProvider clock)
{
    private readonly Option<int> version = new("--version") { Description = "1, or one more than the root in force", HelpName = "N", Required = true };
    private readonly Option<FileInfo[]> rootKeys = PublicKeys("--root", "public keys that sign the next root");
    private readonly Option<int> rootThreshold = new("--root-threshold") { Description = "how many of them must sign", HelpName = "K", Required = true };
    private readonly Option<FileInfo[]> releaseKeys = PublicKeys("--release", "public keys that sign packages");
    private readonly Option<int> releaseThreshold = new("--release-threshold") { Description = "how many of them must sign", HelpName = "K", Required = true };
    private readonly Option<int> epoch = new("--epoch") { Description = "the highest security epoch that a package may have", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<DateTimeOffset> expires = PackagePackCommand.Time("--expires", "when nothing more is installed under it");
    private readonly Option<DateTimeOffset?> issued = new("--issued") { Description = "when it is made; now, unless the same bytes are wanted again", HelpName = "TIME" };
    private readonly Option<DirectoryInfo> folder = new Option<DirectoryInfo>("--out") { Description = "folder to write root.N.json to", HelpName = "DIR", DefaultValueFactory = _ => new DirectoryInfo(".") }.AcceptExistingOnly();

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("root", "Writes who may sign roots and packages: root.N.json, to be signed by the root keys (package sign); a version above 1 also by those of the version before.\nExample: modelkit keys root --version 1 --root ada.pub --root bob.pub --root-threshold 2 --release eve.pub --release-threshold 1 --expires 2031-11-26")
        {
            version, rootKeys, rootThreshold, releaseKeys, releaseThreshold, epoch, expires, issued, folder,
        };
        command.SetAction(Run);
        return command;
    }

    private static Option<FileInfo[]> PublicKeys(string name, string description) =>
        new Option<FileInfo[]>(name) { Description = description, HelpName = "FILE.pub", Required = true, Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();

    private int Run(ParseResult parsed)
    {
        var root = new Root(
            parsed.GetValue(version), parsed.GetValue(issued) ?? clock.GetUtcNow(), parsed.GetValue(expires), parsed.GetValue(epoch),
            new Role(parsed.GetValue(rootThreshold), [.. parsed.GetValue(rootKeys)!.Select(KeyFiles.ReadPublic)]), new Role(parsed.GetValue(releaseThreshold), [.. parsed.GetValue(releaseKeys)!.Select(KeyFiles.ReadPublic)]));
        var payload = root.ToJson();
        if (!Root.TryRead(payload, out _, out var refusal))
        {
            throw new FormatException(refusal.Sentence);
        }

        var path = Path.Combine(parsed.GetValue(folder)!.ToString(), string.Create(CultureInfo.InvariantCulture, $"root.{root.Version}.json"));
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(new Envelope(Root.PayloadType, [.. payload], []).ToJson());
        }

        output.WriteLine($"{path}: unsigned; {root.RootRole.Threshold} of {root.RootRole.Keys.Length} holders of root keys sign it with package sign{(root.Version > 1 ? ", and as many of the version before as that asks for" : "")}.");
        return ExitCode.Done;
    }
}
