using System.CommandLine;
using System.Globalization;
using EdgeGateway.Storage;
using EdgeGateway.Updates;
using EdgeGateway.Updates.Slots;
using EdgeGateway.Updates.Trust;

namespace EdgeGateway.Commands;

/// <summary><c>model list|activate|rollback|retry</c>: what is installed, and the acts of somebody at the device. The gateway that runs takes them within seconds; one that does not, at its next start.</summary>
internal static class ModelCommand
{
    private static readonly Option<string?> Adapter = new("--adapter") { Description = "the adapter of that name; else the model", HelpName = "NAME" };

    public static Command Create() => new("model", "Shows and changes which model and adapters judge. Example: EdgeGateway model list --data /var/lib/edgegateway") { List(), Activate(), Act("rollback", "Goes back to what judged before.", ActKind.Rollback), Act("retry", "Tries once more what was refused, and at once what waits.", ActKind.Retry) };

    private static Command List()
    {
        var command = new Command("list", "Shows the model and the adapters, and what is on its way. Example: EdgeGateway model list") { DataFolder.Option };
        command.SetAction(parsed => DataFolder.Read(() => List(Folder(parsed))));
        return command;
    }

    private static Command Activate()
    {
        var release = new Argument<int>("RELEASE") { Description = "one that is on this device" };
        var command = new Command("activate", "Lets a release judge that is on this device. Example: EdgeGateway model activate 6 --adapter pumps") { release, Adapter, DataFolder.Option };
        command.SetAction(parsed => DataFolder.Read(() => Leave(parsed, ActKind.Activate, parsed.GetValue(release))));
        return command;
    }

    private static Command Act(string name, string description, ActKind kind)
    {
        var command = new Command(name, $"{description} Example: EdgeGateway model {name}") { Adapter, DataFolder.Option };
        command.SetAction(parsed => DataFolder.Read(() => Leave(parsed, kind, null)));
        return command;
    }

    private static int List(string folder)
    {
        var slots = SlotsFile.Look(folder);
        foreach (var id in slots.All.DefaultIfEmpty(SlotId.Model))
        {
            var state = slots[id];
            Console.Out.WriteLine($"{id}: {Shown(state.Active)}{(state.Confirmed ? "" : ", which has not judged yet")}");
            Write("before it", state.Previous is { } previous ? Shown(previous) : null);
            Write("on its way", state.Candidate is { } candidate ? $"release {candidate.Release?.ToString(CultureInfo.InvariantCulture) ?? "?"} {candidate.Sha256[..12]}, step {candidate.Step}" : null);
            foreach (var refused in state.Refused)
            {
                Write("refused", string.Create(CultureInfo.InvariantCulture, $"release {refused.Release} {refused.Sha256[..12]} at {refused.Time:u} ({refused.Code}): {refused.Sentence}"));
            }
        }

        if (Path.Exists(folder) && DataVolume.Problem(SlotsFile.PathIn(folder), 0) is { } problem)
        {
            Console.Out.WriteLine($"what is asked for may wait for the disk: {problem}");
        }

        return ExitCode.Done;
    }

    private static int Leave(ParseResult parsed, ActKind kind, int? release)
    {
        var (folder, slot) = (Folder(parsed), new SlotId(parsed.GetValue(Adapter)));
        var state = SlotsFile.Look(folder)[slot];
        if (kind == ActKind.Activate && state.Active?.Release != release && state.Previous?.Release != release)
        {
            Console.Error.WriteLine($"Release {release} of {slot} is not on this device; EdgeGateway model list shows what is. Bring it by the settings or the inbox.");
            return ExitCode.Refused;
        }

        new Acts(Path.Combine(folder, Acts.FolderName)).Leave(new OperatorAct(kind, slot, release), TimeProvider.System.GetUtcNow());
        Console.Out.WriteLine($"The gateway takes it within {UpdateWorker.Interval.TotalSeconds} seconds, or at its next start; EdgeGateway model list shows what became of it.");
        return ExitCode.Done;
    }

    private static string Folder(ParseResult parsed) => Path.Combine(parsed.GetValue(DataFolder.Option)!, TrustStore.FolderName);

    private static string Shown(InstalledPackage? package) => package is null ? "the image's" : $"{package.Name} release {package.Release} {package.Sha256[..12]}";

    private static void Write(string what, string? text)
    {
        if (text is not null)
        {
            Console.Out.WriteLine($"  {what}: {text}");
        }
    }
}
