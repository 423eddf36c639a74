using System.CommandLine;
using System.Globalization;
using EdgeGateway.PhiTrain.Data;

namespace EdgeGateway.PhiTrain.Commands;

/// <summary><c>data</c>: generated series with faults -> labelled windows in one file.</summary>
internal static class DataCommand
{
    private static readonly Option<string> Output = new("--output") { Description = "file to write", HelpName = "FILE", Required = true };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "other numbers give other series; the same number gives the same file", HelpName = "N", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Series = CommandLines.Count("--series", 3200, 10, "series to generate, each of 800 to 6,000 samples");

    public static Command Create()
    {
        var command = new Command("data", "Generates series with faults and writes their labelled windows.\nExample: phitrain data --output work/windows.bin") { Output, Seed, Series };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (path, seed, count) = (parsed.GetValue(Output)!, parsed.GetValue(Seed), parsed.GetValue(Series));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var log = new ProgressLog(TimeProvider.System, file: null);
        var part = log.Start("series", count);
        var raw = WindowFactory.Generate(seed, 0, count, done => part.Report(done));
        var edges = WindowFactory.Edges(raw);
        var windows = WindowFactory.ToDigits(raw, edges);
        new WindowFile(seed, count, edges, windows).Write(path);
        log.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: {windows.Count} windows of {count} series, {windows.Classes.Count(c => c == WindowClass.Candidate)} of them in {windows.Events.Where(e => e >= 0).Distinct().Count()} faults"));
        return 0;
    }
}
