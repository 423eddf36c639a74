using System.CommandLine;
using EdgeGateway.ModelKit.Packaging;
using EdgeGateway.Packages.Files;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>package inspect</c>: all that a manifest or root says; needs no key and judges nothing.</summary>
internal sealed class PackageInspectCommand(TextWriter output)
{
    private readonly Argument<FileSystemInfo> path = new Argument<FileSystemInfo>("PATH") { Description = "a package folder, its manifest.json, or root.N.json" }.AcceptExistingOnly();

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("inspect", "Shows what a package or root says, without a key. It judges nothing: that does package verify.\nExample: modelkit package inspect pumps-3") { path };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var given = parsed.GetValue(path)!;
        var file = given is DirectoryInfo ? new FileInfo(Path.Combine(given.FullName, PackageFolder.EnvelopeName)) : new FileInfo(given.FullName);
        if (!file.Exists)
        {
            throw new FormatException($"{given} has no {PackageFolder.EnvelopeName}; give a folder that package seal wrote.");
        }

        output.WriteLine($"envelope    SHA-256 {HashingStream.Measure(file.FullName).Sha256}");
        foreach (var line in EnvelopeText.Lines(EnvelopeText.Read(file)))
        {
            output.WriteLine(line);
        }

        return ExitCode.Done;
    }
}
