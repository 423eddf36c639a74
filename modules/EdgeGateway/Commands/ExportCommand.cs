using System.CommandLine;
using EdgeGateway.Export;
using EdgeGateway.Storage;

namespace EdgeGateway.Commands;

/// <summary><c>export</c>: recordings of a gateway with labels from feedback, for training; the gateway may run meanwhile.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string> Target = new("path") { Description = "folder to write: a new or an empty one", HelpName = "PATH" };
    private static readonly Option<bool> Names = new("--names") { Description = "with names of assets, sensors and sources, units, notes, and times as they were; else numbers stand for them" };

    public static Command Create()
    {
        var command = new Command("export", "Writes the samples that the gateway kept around alerts and of normal operation, as CSV files with labels.json, for phitrain adapter. Alerts judged true (command feedback) are events, alerts judged false are normal; what nobody judged has no label.\nExample: EdgeGateway export recordings --data /var/lib/edgegateway")
        {
            Target, DataFolder.Option, Names,
        };
        command.SetAction(parsed => DataFolder.Read(() => Run(parsed.GetValue(Target)!, parsed.GetValue(DataFolder.Option)!, parsed.GetValue(Names))));
        return command;
    }

    private static int Run(string path, string data, bool names)
    {
        try
        {
            if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            {
                Console.Error.WriteLine($"{path} is there already and not empty; name a new folder.");
                return ExitCode.Usage;
            }

            var verdicts = History.ReadFeedback(data);
            Directory.CreateDirectory(path);
            Console.Out.WriteLine(Sentence(path, names, new RecordingExport(path, names, verdicts).Write(data)));
            return ExitCode.Done;
        }
        catch (Exception e) when (e is IOException and not StorageException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The recordings of {data} cannot be written to {path}: {e.Message}");
            return ExitCode.Usage;
        }
    }

    private static string Sentence(string path, bool names, ExportCounts counts)
    {
        var unreadable = counts.Unreadable > 0 ? $"; {counts.Unreadable} damaged recordings were left out" : "";
        return $"{path}: {counts.Labelled} files with labels, in them {counts.Events} events (alerts judged true) and {counts.Normal} normal stretches, and {counts.Unlabelled} files without labels in {Path.Combine(path, "unlabelled")} (alerts judged unsure or not at all){unreadable}; {(names ? "names and times as they are" : "names are replaced by numbers and times shifted by whole weeks")}.";
    }
}
