using System.CommandLine;
using System.Globalization;
using EdgeGateway.ModelKit.RandomModels;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>model random</c>: a model folder of a real shape with random weights.</summary>
internal sealed class ModelRandomCommand(TextWriter output, TextWriter error, TimeProvider clock)
{
    private readonly Argument<DirectoryInfo> folder = new("OUT") { Description = "folder to write; must be empty or new" };
    private readonly Option<string> shape = new("--shape") { Description = "whose sizes and graph form", Required = true };
    private readonly Option<int> seed = new("--seed") { Description = "other numbers give other weights; the same number gives the same files", HelpName = "N", DefaultValueFactory = _ => 1 };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        shape.AcceptOnlyFromAmong([.. RandomShape.All.Select(known => known.Name)]);
        var command = new Command("random", "Writes a model with random weights in 4 bits, for measurements and tests: what it answers means nothing.\nExample: modelkit model random --shape phi3-mini work/random-phi3-mini")
        {
            folder, shape, seed,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var chosen = RandomShape.All.Single(known => known.Name == parsed.GetValue(shape));
        var target = parsed.GetValue(folder)!;
        if (target.Exists && target.EnumerateFileSystemInfos().Any())
        {
            throw new FormatException($"{target} is not empty; give a new folder, or empty it first.");
        }

        target.Create();
        RequireSpace(target, chosen.Bytes);
        new Progress(error, clock).Run($"writing {chosen.Name}", chosen.Bytes, report => chosen.Write(target.FullName, parsed.GetValue(seed), report));
        var bytes = target.EnumerateFiles().Sum(file => file.Length);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: {chosen.Name} with random weights, {bytes / 1e6:0.0} MB."));
        return ExitCode.Done;
    }

    /// <exception cref="IOException">The folder's disk has less room than that.</exception>
    internal static void RequireSpace(DirectoryInfo target, long bytes)
    {
        if (new DriveInfo(target.FullName).AvailableFreeSpace is var free && free < bytes)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture, $"{target} lies on a disk with {free / 1e9:0.0} GB free, but the model takes {bytes / 1e9:0.0} GB; free space or give a folder on another disk."));
        }
    }
}
