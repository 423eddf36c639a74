using System.CommandLine;
using System.Globalization;
using System.Text;
using EdgeGateway.Models;
using EdgeGateway.Phi;
using EdgeGateway.Prompts;
using EdgeGateway.Replay;
using EdgeGateway.Settings;
using EdgeGateway.Verdicts;

namespace EdgeGateway.Commands;

/// <summary><c>replay PATH...</c>: recorded files through the very same stages, as fast as they go.</summary>
internal static class ReplayCommand
{
    private static readonly Argument<string[]> Paths = new("PATH") { Description = "CSV files, or folders of them", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> Alerts = new("--alerts") { Description = "writes a row for each raised anomaly: file,index,time,subject,kind,severity,score", HelpName = "out.csv" };
    private static readonly Option<string?> Model = new("--model") { Description = "model folder instead of the built-in one", HelpName = "DIR" };
    private static readonly Option<string?> Adapter = new("--adapter") { Description = "folder of an adapter of the model, which brings its own threshold and calibration", HelpName = "DIR" };
    private static readonly Option<string?> Config = new("--config") { Description = "settings file whose section detection is tried; nothing else in it is looked at", HelpName = "FILE" };
    private static readonly Option<JudgeMode> Judge = new("--judge") { Description = "who decides: what is shipped, the model alone on every window, or the gate's statistics alone" };
    private static readonly Option<int?> Budget = new("--budget") { Description = "share of the windows that the model may judge, instead of all", HelpName = "PERCENT" };

    public static Command Create()
    {
        Budget.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int?>() is < 1 or > 100)
            {
                r.AddError("--budget takes a percentage from 1 to 100.");
            }
        });
        var command = new Command("replay", "Judges recorded CSV files (header \"timestamp,<column>...\") in event time. A folder with labels.json is scored.\nExample: EdgeGateway replay recordings/ --alerts alerts.csv")
        {
            Paths, Alerts, Model, Adapter, Config, Judge, Budget,
        };
        command.Validators.Add(r =>
        {
            if (r.GetValue(Adapter) is not null && r.GetValue(Judge) == JudgeMode.Gate)
            {
                r.AddError("--adapter changes the model, but with --judge gate no model is asked; leave one of them out.");
            }
        });
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        try
        {
            var (mode, detection) = (parsed.GetValue(Judge), Detection(parsed.GetValue(Config), parsed.GetValue(Budget)));
            var files = parsed.GetValue(Paths)!.SelectMany(ReplayFile.At).ToList();
            var folder = parsed.GetValue(Model) ?? LoadedModel.BuiltIn;
            using var model = mode == JudgeMode.Gate ? null : ChosenModel.Load(folder, parsed.GetValue(Adapter));
            var sensor = model?.Sensor ?? SensorModel.Load(folder);
            var run = new ReplayRun(() => model?.NewJudge(), mode == JudgeMode.Model ? sensor.WithoutGate : sensor, mode == JudgeMode.Shipped ? detection : detection with { BudgetPercent = null });
            Report(run, RunWithProgress(run, files), parsed.GetValue(Alerts));
            return ExitCode.Done;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is ModelRefusedException or SensorModelException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Refused;
        }
    }

    /// <summary>The settings of the file, or the defaults, with the budget of the command line.</summary>
    private static DetectionSettings Detection(string? config, int? budget)
    {
        var settings = config is null ? DetectionSettings.Default : SettingsFiles.LoadDetection(config);
        return budget is null ? settings
            : settings.BudgetPercent is { } stated ? throw new FormatException($"{config} has a budget of {stated} %, so --budget {budget} cannot hold too; leave one of them out.")
            : settings with { BudgetPercent = budget };
    }

    private static IReadOnlyList<ReplayResult> RunWithProgress(ReplayRun run, List<ReplayFile> files)
    {
        using var progress = new ProgressLines("replay", ReplayFile.Bytes(files));
        return run.Run(files, progress.Advance);
    }

    private static void Report(ReplayRun run, IReadOnlyList<ReplayResult> results, string? alertsPath)
    {
        if (alertsPath is not null)
        {
            using var writer = new StreamWriter(alertsPath, append: false, new UTF8Encoding(false)) { NewLine = "\n" };
            RaisedAnomaly.Write(writer, results.Select(r => (r.File.Name, r.Raised)));
        }

        var sets = ScoreTable.BySet(results);
        foreach (var line in sets.Count > 0 ? ScoreTable.Lines(sets) : [])
        {
            Console.Out.WriteLine(line);
        }

        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Count} files, {results.Sum(r => (long)r.Rows)} rows, {run.Accounting.Total("windows.closed")} windows ({run.Accounting.Total("windows.judged")} judged by the model), {results.Sum(r => r.Raised.Count)} anomalies raised."));
    }
}
