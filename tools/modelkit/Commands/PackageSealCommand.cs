using System.CommandLine;
using EdgeGateway.ModelKit.Packaging;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>package seal</c>: a draft -> a package for groups of devices, unsigned.</summary>
internal sealed class PackageSealCommand(TextWriter output, TextWriter error, TimeProvider clock)
{
    private readonly Argument<DirectoryInfo> source = new Argument<DirectoryInfo>("DRAFT") { Description = "what package pack wrote" }.AcceptExistingOnly();
    private readonly Option<FileInfo[]> groups = new Option<FileInfo[]>("--to") { Description = "recipients of the groups of devices that it is for", HelpName = "GROUP.EPOCH.recipient", Required = true, Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();
    private readonly Option<DirectoryInfo> target = new("--out") { Description = "folder to write the package to: a new or an empty one", HelpName = "PACKAGE", Required = true };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("seal", "Seals the files of a draft (age v1) and writes the manifest, to be signed.\nExample: modelkit package seal pumps-3.draft --to line-a.4.recipient --out pumps-3") { source, groups, target };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var from = parsed.GetValue(source)!;
        var draft = PackageDraft.Read(from);
        var recipients = parsed.GetValue(groups)!.Select(KeyFiles.ReadRecipient).ToList();
        var to = PackagePackCommand.RequireNew(parsed.GetValue(target)!);
        new Progress(error, clock).Run("sealing", draft.Files.Sum(f => f.Size), advance => draft.Seal(from, recipients, to, advance));
        output.WriteLine($"{to}: sealed for {string.Join(", ", recipients.Select(r => $"{r.Group} epoch {r.Epoch}"))}. Sign its manifest.json next.");
        return ExitCode.Done;
    }
}
