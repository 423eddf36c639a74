using System.CommandLine;
using EdgeGateway.ModelKit.Packaging;
using EdgeGateway.Storage;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>package sign</c>: one more signature on a manifest or a root; several people do it one after the other, each on his machine.</summary>
internal sealed class PackageSignCommand(TextWriter output, TextWriter error)
{
    private readonly Argument<FileInfo> envelope = new Argument<FileInfo>("FILE") { Description = "manifest.json of a package, or root.N.json" }.AcceptExistingOnly();
    private readonly Option<FileInfo> keyFile = new Option<FileInfo>("--key") { Description = "your signing key", HelpName = "NAME.key.age", Required = true }.AcceptExistingOnly();
    private readonly Option<FileInfo> passphrase = Passphrase.NewOption();

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("sign", "Shows what a manifest or root says, and adds your signature. The file alone may travel from signer to signer.\nExample: modelkit package sign pumps-3/manifest.json --key eve.key.age") { envelope, keyFile, passphrase };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var (file, key) = (parsed.GetValue(envelope)!, parsed.GetValue(keyFile)!);
        var opened = EnvelopeText.Read(file);
        foreach (var line in EnvelopeText.Lines(opened))
        {
            output.WriteLine(line);
        }

        using var signer = KeyFiles.ReadSigningKey(key, Passphrase.Of(key.Name, parsed.GetValue(passphrase), error));
        if (!opened.Signers([signer.Public]).IsEmpty)
        {
            throw new FormatException($"{file} has a signature of this key already; another holder's is needed.");
        }

        DurableFile.Replace(file.FullName, opened.Sign(signer).ToJson());
        output.WriteLine($"{file}: signed with the key {signer.Public.Id}; {opened.Signatures.Length + 1} signatures.");
        return ExitCode.Done;
    }
}
