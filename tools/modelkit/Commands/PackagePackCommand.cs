using System.CommandLine;
using EdgeGateway.Commands;
using EdgeGateway.ModelKit.Packaging;
using EdgeGateway.Models;
using EdgeGateway.Packages.Manifests;
using EdgeGateway.Phi;
using EdgeGateway.Phi.Weights;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Updates.Proving;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>package pack</c>: a model or adapter folder -> a draft, with golden windows made by running it.</summary>
internal sealed class PackagePackCommand(TextWriter output, TextWriter error, TimeProvider clock)
{
    private readonly Argument<DirectoryInfo> source = new Argument<DirectoryInfo>("FOLDER") { Description = "a model folder (genai_config.json), or one with an adapter and its sensor.json" }.AcceptExistingOnly();
    private readonly Option<string> name = new("--name") { Description = "the slot that it is for: 1 to 64 of a-z, 0-9 and -", HelpName = "NAME", Required = true };
    private readonly Option<int> release = new("--release") { Description = "higher than the one before", HelpName = "N", Required = true };
    private readonly Option<int> epoch = new("--epoch") { Description = "security epoch: one more calls back all releases before", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<DateTimeOffset> expires = Time("--expires", "when no device installs it any more");
    private readonly Option<DateTimeOffset?> issued = new("--issued") { Description = "when it is made; now, unless the same bytes are wanted again", HelpName = "TIME" };
    private readonly Option<string?> model = new("--model") { Description = "of an adapter: the model folder that it was trained on, instead of the built-in one", HelpName = "FOLDER" };
    private readonly Option<FileSystemInfo[]> golden = new Option<FileSystemInfo[]>("--golden") { Description = "recordings of which windows are taken that prove it on the device", HelpName = "PATH", Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();
    private readonly Option<DirectoryInfo> target = new("--out") { Description = "folder to write the draft to: a new or an empty one", HelpName = "DRAFT", Required = true };

    /// <summary>An option with a time in UTC.</summary>
    public static Option<DateTimeOffset> Time(string name, string description) => new(name) { Description = description, HelpName = "TIME", Required = true };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("pack", "Makes a draft of a package: the plain files, their digests, what it fits, golden windows. Same input, same bytes.\nExample: modelkit package pack pumps-adapter --name pumps --release 3 --expires 2027-11-26 --golden recordings/ --out pumps-3.draft")
        {
            source, name, release, epoch, expires, issued, model, golden, target,
        };
        command.SetAction(Run);
        return command;
    }

    /// <exception cref="FormatException">The folder has something in it.</exception>
    public static DirectoryInfo RequireNew(DirectoryInfo folder)
    {
        if (folder.Exists && folder.EnumerateFileSystemInfos().Any())
        {
            throw new FormatException($"{folder} is not empty; give a new folder, or empty it first.");
        }

        folder.Create();
        return folder;
    }

    private int Run(ParseResult parsed)
    {
        var from = parsed.GetValue(source)!.FullName;
        var kind = File.Exists(Path.Combine(from, "genai_config.json")) ? PackageKind.Model : PackageKind.Adapter;
        var (baseFolder, adapter) = kind == PackageKind.Model ? (from, null) : (parsed.GetValue(model) ?? LoadedModel.BuiltIn, from);

        // the fastest form is another one on other machines, and this one gives the same bytes again
        using var chosen = ChosenModel.Load(baseFolder, adapter, ComputeForm.AsBuilt);
        var about = new PackageDraft(
            kind, KeyFiles.RequireName(parsed.GetValue(name)!), parsed.GetValue(release), parsed.GetValue(epoch), parsed.GetValue(issued) ?? clock.GetUtcNow(), parsed.GetValue(expires),
            new BaseModel(DecoderWeights.Digest(baseFolder), HashingStream.Measure(Path.Combine(baseFolder, Tokenizer.FileName)).Sha256, chosen.Sensor.PromptVersion), null, []);
        var windows = parsed.GetValue(golden) is { Length: > 0 } recordings ? Golden(chosen, [.. recordings.SelectMany(path => ReplayFile.At(path.ToString()))]) : null;
        var to = RequireNew(parsed.GetValue(target)!);
        var draft = PackageDraft.Pack(about, new DirectoryInfo(from), windows is null ? null : GoldenWindow.Write(windows), to);
        output.WriteLine($"{to}: {draft.Kind.ToString().ToLowerInvariant()} {draft.Name}, release {draft.Release}, {draft.Files.Length} files of {draft.Files.Sum(f => f.Size):N0} bytes, {windows?.Count ?? 0} golden windows. Seal it next.");
        return ExitCode.Done;
    }

    private IReadOnlyList<GoldenWindow> Golden(ChosenModel chosen, ReplayFile[] files)
    {
        IReadOnlyList<GoldenWindow> windows = [];
        var done = 0L;
        new Progress(error, clock).Run("golden windows", ReplayFile.Bytes(files), advance => windows = GoldenWindows.Find(files, chosen, more => advance(done += more)));
        return windows;
    }
}
