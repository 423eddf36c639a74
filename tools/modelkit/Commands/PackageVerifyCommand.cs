using System.Collections.Immutable;
using System.CommandLine;
using System.Runtime.InteropServices;
using EdgeGateway.Commands;
using EdgeGateway.ModelKit.Packaging;
using EdgeGateway.Models;
using EdgeGateway.Packages.Files;
using EdgeGateway.Packages.Groups;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Packages.Verification;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Prompts;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>package verify</c>: the table of checks that a device makes, and with a group's identity the blobs opened to their end.</summary>
internal sealed class PackageVerifyCommand(TextWriter output, TextWriter error, TimeProvider clock)
{
    private readonly Argument<DirectoryInfo> package = new Argument<DirectoryInfo>("PACKAGE") { Description = "a package folder" }.AcceptExistingOnly();
    private readonly Option<FileInfo[]> roots = new Option<FileInfo[]>("--root") { Description = "the root that devices start from, then the ones that follow, in order", HelpName = "root.N.json", Required = true, Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();
    private readonly Option<FileInfo[]> groups = new Option<FileInfo[]>("--as") { Description = "as a device of these groups", HelpName = "GROUP.EPOCH.recipient", Required = true, Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();
    private readonly Option<string?> model = new("--model") { Description = "for an adapter: the model folder that the device runs, instead of the built-in one", HelpName = "FOLDER" };
    private readonly Option<FileInfo> identity = new Option<FileInfo>("--identity") { Description = "opens the blobs too, in memory", HelpName = "GROUP.EPOCH.identity.age" }.AcceptExistingOnly();
    private readonly Option<FileInfo> passphrase = Passphrase.NewOption();

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("verify", "Makes the checks of a device and prints each; ends with 4 when one refuses.\nExample: modelkit package verify pumps-3 --root root.1.json --as line-a.4.recipient")
        {
            package, roots, groups, model, identity, passphrase,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        if (Trust(parsed.GetValue(roots)!) is not { } trust)
        {
            return ExitCode.Refused;
        }

        var folder = parsed.GetValue(package)!.FullName;
        ImmutableArray<GroupRecipient> keys = [.. parsed.GetValue(groups)!.Select(KeyFiles.ReadRecipient)];
        var device = new DeviceIdentity([.. keys.Select(k => k.Group)], keys, BaseOf(parsed.GetValue(model) ?? LoadedModel.BuiltIn));
        var (measured, request, now) = (PackageFolder.Measure(folder), new PackageRequest(null, null, null, ByOperator: false), clock.GetUtcNow());
        var examined = new ExaminedPackage(measured, request, trust, device, now);
        foreach (var check in PackageVerifier.Checks)
        {
            WriteCheck(new Refusal(check.Code, check.Find(examined) ?? ""));
        }

        if (!PackageVerifier.TryVerify(measured, request, trust, device, now, out var accepted, out var refusal))
        {
            error.WriteLine($"Refused ({refusal.CodeText}): {refusal.Sentence}");
            return ExitCode.Refused;
        }

        var opened = parsed.GetValue(identity) is not { } file || OpenBlobs(folder, accepted, file, parsed.GetValue(passphrase));
        output.WriteLine(opened ? $"Accepted: {accepted.Manifest.Slot}, release {accepted.Manifest.Release}." : "Refused.");
        return opened ? ExitCode.Done : ExitCode.Refused;
    }

    private TrustState? Trust(FileInfo[] files)
    {
        TrustState? trust = null;
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file.FullName);
            if (!(trust is null ? RootVerifier.TryStart(bytes, out var next, out var refusal) : RootVerifier.TryUpdate(trust, bytes, null, out next, out refusal)))
            {
                error.WriteLine($"{file} was refused ({refusal.CodeText}): {refusal.Sentence}");
                return null;
            }

            trust = next;
        }

        return trust;
    }

    private static BaseModel BaseOf(string folder) =>
        new(DecoderWeights.Digest(folder), HashingStream.Measure(Path.Combine(folder, Tokenizer.FileName)).Sha256, SensorModel.Load(folder).PromptVersion);

    private bool OpenBlobs(string folder, AcceptedPackage accepted, FileInfo identityFile, FileInfo? passphraseFile)
    {
        using var key = KeyFiles.ReadIdentity(identityFile, Passphrase.Of(identityFile.Name, passphraseFile, error));
        if (new GroupRecipient(key.Group, key.Epoch, key.Identity.Recipient.Text) != accepted.Key)
        {
            throw new FormatException($"{identityFile} does not open this package: it is accepted as one for group {accepted.Key.Group}, epoch {accepted.Key.Epoch}; give that group's identity.");
        }

        var whole = true;
        foreach (var blob in accepted.Manifest.Blobs)
        {
            var refusal = Open(folder, accepted, blob, key);
            whole &= refusal is null;
            output.WriteLine($"{(refusal is null ? "ok" : "NO"),-4}{blob.Path}{(refusal is null ? $": opened, {blob.Size} bytes" : $": {refusal.Sentence}")}");
        }

        return whole;
    }

    private static unsafe Refusal? Open(string folder, AcceptedPackage accepted, PackageBlob blob, GroupKey key)
    {
        using var file = PackageFolder.OpenBlob(folder, blob) ?? throw new IOException($"{blob.SealedName} went away while it was looked at.");
        var plain = (byte*)NativeMemory.Alloc((nuint)blob.Size);
        try
        {
            return accepted.Open(blob, file, key, plain);
        }
        finally
        {
            NativeMemory.Clear(plain, (nuint)blob.Size);
            NativeMemory.Free(plain);
        }
    }

    private void WriteCheck(Refusal found) => output.WriteLine($"{(found.Sentence.Length == 0 ? "ok" : "NO"),-4}{found.CodeText,-16}{found.Sentence}");
}
