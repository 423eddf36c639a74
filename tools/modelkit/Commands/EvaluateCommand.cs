using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EdgeGateway.Commands;
using EdgeGateway.ModelKit.Bench;
using EdgeGateway.ModelKit.Evaluation;
using EdgeGateway.Models;
using EdgeGateway.Replay;
using EdgeGateway.Settings;

namespace EdgeGateway.ModelKit.Commands;

/// <summary><c>evaluate</c>: how well a model, the gateway's statistics and classical ones judge recordings.</summary>
internal sealed class EvaluateCommand(TextWriter output, TextWriter error, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    private readonly Argument<FileSystemInfo[]> paths =
        new Argument<FileSystemInfo[]>("PATH") { Description = "folders of recordings with labels.json, other folders of CSV files, or CSV files", Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();

    private readonly Option<string?> model = new("--model") { Description = "model folder instead of the built-in one", HelpName = "FOLDER" };
    private readonly Option<string?> adapter = new("--adapter") { Description = "folder of an adapter of the model, which brings its own threshold and calibration", HelpName = "DIR" };
    private readonly Option<string?> config = new("--config") { Description = "settings file whose section detection is tried; nothing else in it is looked at", HelpName = "FILE" };
    private readonly Option<FileInfo?> jsonFile = new("--json") { Description = "writes all figures as JSON", HelpName = "FILE" };
    private readonly Option<FileInfo?> htmlFile = new("--html") { Description = "writes a report with plots that needs no network", HelpName = "FILE" };
    private readonly Option<FileInfo?> alertsFile = new("--alerts") { Description = "writes the shipped alerts: file,index,time,subject,kind,severity,score", HelpName = "FILE" };
    private readonly Option<double?> min = new("--min") { Description = "ends with 3 when the mean F1 of what is shipped is lower", HelpName = "F1" };

    /// <summary>The command for the command line.</summary>
    public Command Create()
    {
        foreach (var option in (Option<FileInfo?>[])[jsonFile, htmlFile, alertsFile])
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<FileInfo?>() is { Directory: { Exists: false } missing })
                {
                    result.AddError($"{option.Name}: the folder {missing} does not exist.");
                }
            });
        }

        var command = new Command(
            "evaluate",
            "Replays recordings through the gateway's stages and scores four control charts, the gate, the model, and what is shipped at a budget of 100 and of 10 %, with 95 % intervals."
            + "\nExample: modelkit evaluate recordings/ --html report.html")
        {
            paths, model, adapter, config, jsonFile, htmlFile, alertsFile, min,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var detection = parsed.GetValue(config) is { } settings ? SettingsFiles.LoadDetection(settings) : DetectionSettings.Default;
        ReplayFile[] files = [.. parsed.GetValue(paths)!.SelectMany(path => ReplayFile.At(path.ToString()))];
        var least = parsed.GetValue(min);
        if (least is not null && !files.Any(f => f.Labels is { } labels && labels.Events.Any(e => e[0] >= labels.Warmup)))
        {
            throw new FormatException("--min needs recordings with labelled events after their warm-up; these have none.");
        }

        var began = clock.GetTimestamp();
        var (name, series, megabytes) = Evaluate(parsed.GetValue(model) ?? LoadedModel.BuiltIn, parsed.GetValue(adapter), detection, files);
        var took = series.Sum(s => s.Took.TotalSeconds);
        var report = EvaluationReport.Of(parsed.GetValue(config) is { } tried ? $"{name} with the detection settings of {tried}" : name, series, new SpeedFigures(
            series.Sum(s => s.Verdicts), Figure.Known(series.Sum(s => s.Verdicts) / took), Math.Min(Environment.ProcessorCount, files.Length),
            clock.GetElapsedTime(began).TotalSeconds, megabytes, ProcessMemory.Peak()));
        Write(parsed, report, series);
        return least > report.ShippedMeanF1 ? ExitCode.AnsweredNo : ExitCode.Done;
    }

    private (string Model, IReadOnlyList<EvaluatedSeries> Series, double Megabytes) Evaluate(string folder, string? adapterFolder, DetectionSettings detection, ReplayFile[] files)
    {
        var before = ProcessMemory.Resident();
        using var chosen = ChosenModel.Load(folder, adapterFolder);
        TrainingRecord[] trained = [.. new[] { folder, adapterFolder }.OfType<string>().Select(TrainingRecord.Load).OfType<TrainingRecord>()];
        WarmUp(chosen);
        var megabytes = ProcessMemory.Resident() - before;
        IReadOnlyList<EvaluatedSeries> series = [];
        new Progress(error, clock).Run("evaluate", ReplayFile.Bytes(files), advance =>
        {
            var (gate, done) = (new Lock(), 0L);
            series = ReplayFile.ForEach(files, file => SeriesEvaluation.Run(file, chosen.Sensor, detection, chosen.NewJudge, trained, more =>
            {
                lock (gate)
                {
                    advance(done += more);
                }
            }));
        });
        return (chosen.Name, series, megabytes);
    }

    /// <summary>The first verdict allocates what later ones use again.</summary>
    private static void WarmUp(ChosenModel chosen)
    {
        using var judge = chosen.NewJudge();
        var absent = string.Concat(chosen.Sensor.Fields.Select(field => field.Code + chosen.Sensor.Absent)) + chosen.Sensor.Suffix;
        judge.Judge(absent, new float[chosen.Sensor.Labels.Length]);
    }

    private void Write(ParseResult parsed, EvaluationReport report, IReadOnlyList<EvaluatedSeries> series)
    {
        WriteWhole(parsed.GetValue(alertsFile), writer => RaisedAnomaly.Write(writer, series.Select(s => (s.File.Name, s.Judged[SeriesEvaluation.ShippedPlace].Raised))));
        WriteWhole(parsed.GetValue(jsonFile), writer => writer.WriteLine(JsonSerializer.Serialize(report, Json)));
        WriteWhole(parsed.GetValue(htmlFile), writer => EvaluationPage.Write(writer, report));
        foreach (var line in EvaluationTable.Lines(report))
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Writes a file that is whole or, when that fails, as it was.</summary>
    private static void WriteWhole(FileInfo? file, Action<TextWriter> write)
    {
        if (file is null)
        {
            return;
        }

        var temporary = file.FullName + ".tmp";
        try
        {
            using (var writer = new StreamWriter(temporary, append: false, new UTF8Encoding(false)) { NewLine = "\n" })
            {
                write(writer);
            }

            File.Move(temporary, file.FullName, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
