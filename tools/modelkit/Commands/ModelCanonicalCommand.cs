using System.CommandLine;
using EdgeGateway.ModelKit.Canonical;
using EdgeGateway.Updates.Proving;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>model canonical</c>: the windows that every model or adapter is proven on, made again from generated series.</summary>
internal sealed class ModelCanonicalCommand(TextWriter output, TextWriter error, TimeProvider clock)
{
    private readonly Argument<FileInfo> file = new("FILE") { Description = "file to write; in the image it is modules/EdgeGateway/models/canonical/windows.bin.br" };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        var command = new Command("canonical", "Draws the canonical windows that devices prove models and adapters on. Same fields and generator, same bytes.\nExample: modelkit model canonical modules/EdgeGateway/models/canonical/windows.bin.br") { file };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var target = parsed.GetValue(file)!;
        CanonicalWindows? windows = null;
        new Progress(error, clock).Run("canonical windows", CanonicalDraw.Count(CanonicalDraw.OfKind, CanonicalDraw.Normal),
            advanced => windows = CanonicalDraw.Draw(CanonicalDraw.OfKind, CanonicalDraw.Normal, advanced));
        windows!.Save(target.FullName);
        output.WriteLine($"{target}: {windows.All.Count(w => w.IsFault)} windows with faults, {windows.All.Count(w => !w.IsFault)} normal ones.");
        return ExitCode.Done;
    }
}
