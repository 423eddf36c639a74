using System.CommandLine;
using System.Globalization;
using EdgeGateway.PhiTrain.Data;
using EdgeGateway.PhiTrain.Plots;

namespace EdgeGateway.PhiTrain.Commands;

/// <summary><c>data</c>: generated series with faults, and recordings -> labelled windows in one file.</summary>
internal static class DataCommand
{
    private static readonly Option<string?> Output = new("--output") { Description = "file to write; killed at any moment, the same command goes on from the parts beside it", HelpName = "FILE" };
    private static readonly Option<string?> Preview = new("--preview") { Description = "draws some series with their labels into this PNG; without --output nothing else is done", HelpName = "FILE" };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "other numbers give other series; the same number gives the same file", HelpName = "N", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Series = CommandLines.Count("--series", 3200, 10, "series to generate, each of 800 to 6,000 samples");
    private static readonly Option<string?> Recordings = new("--data") { Description = "folder of CSV recordings with labels.json, which are added", HelpName = "DIR" };
    private static readonly Option<string?> Labels = new("--labels") { Description = "labels of another place than --data; recordings that it does not name are left out", HelpName = "FILE" };
    private static readonly Option<RecordingUse> Use = new("--use") { Description = "recordings as backgrounds of injected faults, as labelled examples, or both", DefaultValueFactory = _ => RecordingUse.Both };

    public static Command Create()
    {
        var command = new Command(
            "data", "Generates series with faults and writes their labelled windows.\nExample: phitrain data --output work/windows.bin\n         phitrain data --preview series.png")
        {
            Output, Preview, Seed, Series, Recordings, Labels, Use,
        };
        command.Validators.Add(r =>
        {
            if (r.GetValue(Output) is null && r.GetValue(Preview) is null)
            {
                r.AddError("Say what to write: --output FILE for the windows, --preview FILE for a picture.");
            }

            if (r.GetValue(Recordings) is null && (r.GetResult(Labels) is not null || r.GetResult(Use) is { Implicit: false }))
            {
                r.AddError("--labels and --use are about recordings: add their folder with --data DIR.");
            }
        });
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var recordings = parsed.GetValue(Recordings) is { } folder ? LabelledRecording.Load(folder, parsed.GetValue(Labels)) : [];
        var plan = new DataPlan(parsed.GetValue(Seed), parsed.GetValue(Series), recordings, parsed.GetValue(Use));
        var log = new ProgressLog(TimeProvider.System, file: null);
        if (parsed.GetValue(Preview) is { } picture)
        {
            ContactSheet.Draw(picture, plan);
            log.Say($"{picture}: drawn");
        }

        if (parsed.GetValue(Output) is { } output)
        {
            WriteWindows(output, plan, log);
        }

        return 0;
    }

    private static void WriteWindows(string path, DataPlan plan, ProgressLog log)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var (identity, made) = (plan.Identity(), new MadeBy(path));
        if (made.Is(identity))
        {
            log.Say($"{path}: was made with these settings already");
            return;
        }

        var parts = new PartFolder(path + ".parts", identity);
        var raw = MakeParts(plan, parts, log);
        var edges = WindowFactory.Edges([.. raw.Where(s => s.Origin!.Kind == SeriesKind.Generated)]);
        var windows = WindowFactory.ToDigits(raw, edges);
        new WindowFile(plan.Seed, edges, windows, [.. raw.Select(s => s.Origin!)]).Write(path);
        made.Write(identity);
        parts.Delete();
        log.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: {windows.Count} windows of {raw.Length} series, {windows.Classes.Count(c => c == WindowClass.Candidate)} of them in {windows.Events.Where(e => e >= 0).Distinct().Count()} faults"));
    }

    /// <summary>Parts stay for the next run unless a recording is refused, which is found before any of the others is made.</summary>
    private static RawSeries[] MakeParts(DataPlan plan, PartFolder parts, ProgressLog log)
    {
        try
        {
            return new DataRun(plan, parts, log).Run();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            parts.Delete();
            throw;
        }
    }
}
